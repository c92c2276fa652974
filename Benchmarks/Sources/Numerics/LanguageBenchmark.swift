import Foundation
import Keys
import Models

/// Times one process with a language model from its start: opening, a short question, a long prompt, an answer.
struct LanguageBenchmark {
    let model: String
    let threads: Int
    let arithmetic: Arithmetic
    let prompt: Int
    let answer: Int

    init(_ options: Options) {
        model = options.text("model", NSHomeDirectory() + "/.banyan/models/SmolLM2-135M-Instruct.Q4_1.gguf")
        threads = options.number("threads", 1)
        arithmetic = options.text("arithmetic", "int8") == "int8" ? .int8 : .float32
        prompt = options.number("prompt", 400)
        answer = options.number("answer", 64)
    }

    /// Hashes each state, as whoever proves an answer has to.
    private final class Hashing: StateObserver {
        var seconds = 0.0
        private var last = Digest.zero

        func observe(piece: Int, position: Int, token: TokenID, boundary: Int, state: UnsafeBufferPointer<Float>) {
            let start = ContinuousClock.now
            last = Digest(sha256: unsafe Array(UnsafeRawBufferPointer(state)))
            seconds += (ContinuousClock.now - start) / .seconds(1)
        }
    }

    /// Prints `language <threads> <what> <value>`: seconds, tokens a second, kibibytes.
    func run() throws {
        let clock = ContinuousClock()
        var transformer: Transformer?
        let load = try clock.measure {
            let opened = try LanguageModel.open(model)
            _ = try opened.tokenizer
            transformer = try Transformer(opened, arithmetic: arithmetic, threads: threads)
        }
        guard let transformer else { return }
        report("load", load / .seconds(1), 3)
        // The same numbers as the other side of compare-inference takes.
        let tokens = (0..<prompt).map { TokenID(504 + $0 * 7919 % 40_000) }
        let first = try clock.measure { _ = try feed(transformer, Array(tokens.prefix(32))) }
        report("first", first / .seconds(1), 4)
        let cache = KeyValueCache(transformer.model.shape)
        var logits: [[Float]] = []
        let prefill = try clock.measure {
            logits = try transformer.forward([.init(cache: cache, tokens: tokens, logits: .last)])
        }
        report("prefill", Double(prompt) / (prefill / .seconds(1)), 1)
        let hashing = Hashing()
        for (name, observer) in [("decode", nil), ("observed", hashing)] {
            cache.truncate(to: prompt)
            var token = best(logits[0])
            let decode = try clock.measure {
                for _ in 1..<answer {
                    token = best(
                        try transformer.forward(
                            [.init(cache: cache, tokens: [token], logits: .last)], observer: observer)[0])
                }
            }
            report(name, Double(answer - 1) / (decode / .seconds(1)), 1)
            if observer != nil { report("hashing", hashing.seconds / (decode / .seconds(1)), 4) }
        }
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }?.split(separator: " ").dropFirst()
            .first
        report("peak", peak.flatMap { Double($0.filter(\.isNumber)) } ?? 0, 0)
    }

    private func feed(_ transformer: Transformer, _ tokens: [TokenID]) throws -> TokenID {
        let cache = KeyValueCache(transformer.model.shape)
        return best(try transformer.forward([.init(cache: cache, tokens: tokens, logits: .last)])[0])
    }

    private func best(_ logits: [Float]) -> TokenID {
        var best = 0
        for (token, logit) in logits.enumerated() where logit > logits[best] { best = token }
        return TokenID(best)
    }

    private func report(_ what: String, _ value: Double, _ decimals: Int) {
        print("language \(threads) \(what) \(fixed(value, decimals))")
    }
}
