import Foundation
import Glibc
import Keys
import Models

/// Times one process with a language model from its start: opening, a short question, a long prompt, an answer.
struct LanguageBenchmark {
    let model: String
    let threads: Int
    let arithmetic: Arithmetic
    let prompt: Int
    let answer: Int
    /// Times are processor times: for one thread on a machine that others use as well.
    private let usesProcessorTime: Bool
    private let greedy: Sampler

    init(_ options: Options) {
        model = options.text("model", NSHomeDirectory() + "/.banyan/models/SmolLM2-135M-Instruct.Q4_1.gguf")
        threads = options.number("threads", 1)
        arithmetic = options.text("arithmetic", "int8") == "int8" ? .int8 : .float32
        prompt = options.number("prompt", 400)
        answer = options.number("answer", 128)
        usesProcessorTime = options.text("clock", "wall") == "processor"
        guard let parameters = SamplingParameters(maximumTokens: 512) else { preconditionFailure("512 are few") }
        greedy = Sampler(parameters, seed: .zero)
    }

    /// Prints `language <threads> <what> <value>`: seconds, tokens a second, kibibytes.
    func run() throws {
        var transformer: Transformer?
        let load = try measure {
            let opened = try LanguageModel.open(model)
            _ = try opened.tokenizer
            transformer = try Transformer(opened, arithmetic: arithmetic, threads: threads)
        }
        guard let transformer else { return }
        report("load", load, 3)
        // The same numbers as the other side of compare-inference takes.
        let tokens = (0..<prompt).map { TokenID(504 + $0 * 7919 % 40_000) }
        let short = try measure { _ = try feed(transformer, Array(tokens.prefix(32))) }
        report("first32", short, 4)
        let cache = KeyValueCache(transformer.model.shape)
        var first: TokenID = 0
        let prefill = try measure { first = try next(transformer, cache, tokens) }
        report("first", prefill, 4)
        report("prefill", Double(prompt) / prefill, 1)
        for (name, count) in [("decode", answer), ("decode512", 512)] {
            cache.truncate(to: prompt)
            var token = first
            let decode = try measure {
                for _ in 1..<count { token = try next(transformer, cache, [token]) }
            }
            report(name, Double(count - 1) / decode, 1)
        }
        let text = "Why is the sky blue? The light of the sun has all the colours of the rainbow, and"
        try sampling(transformer, try transformer.model.tokenizer.encode(text, parsesSpecial: false, addsSpecial: true))
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }?.split(separator: " ").dropFirst()
            .first
        report("peak", peak.flatMap { Double($0.filter(\.isNumber)) } ?? 0, 0)
    }

    /// Microseconds of processor time to choose one token from real logits.
    private func sampling(_ transformer: Transformer, _ tokens: [TokenID]) throws {
        let cache = KeyValueCache(transformer.model.shape)
        let logits = try transformer.forward([.init(cache: cache, tokens: tokens, logits: .last)])[0]
        let kinds: [(String, UInt32, UInt32, UInt32)] = [
            ("greedy", 0, 0, 1_000_000), ("temperature", 800, 0, 1_000_000), ("hot", 3_000, 0, 1_000_000),
            ("top-k-40", 800, 40, 1_000_000), ("top-p-0.95", 800, 0, 950_000), ("top-k-40-p-0.95", 800, 40, 950_000),
        ]
        for (name, temperature, topK, topP) in kinds {
            guard
                let parameters = SamplingParameters(
                    temperature: temperature, topK: topK, topP: topP, minP: 0, maximumTokens: 1)
            else { preconditionFailure("\(name) is within the limits") }
            let sampler = Sampler(parameters, seed: .zero)
            var position = 0
            let best = bestSeconds(threads: 1) {
                _ = sampler.sample(logits, position: position)
                position += 1
            }
            report("sample-" + name, best * 1e6, 1)
        }
    }

    /// Seconds.
    private func measure(_ body: () throws -> Void) rethrows -> Double {
        var time = timespec()
        func now() -> Double {
            unsafe clock_gettime(usesProcessorTime ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time)
            return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
        }
        let start = now()
        try body()
        return now() - start
    }

    private func feed(_ transformer: Transformer, _ tokens: [TokenID]) throws -> TokenID {
        try next(transformer, KeyValueCache(transformer.model.shape), tokens)
    }

    /// The greatest logit, as a sampler finds it.
    private func next(_ transformer: Transformer, _ cache: KeyValueCache, _ tokens: [TokenID]) throws -> TokenID {
        let logits = try transformer.forward([.init(cache: cache, tokens: tokens, logits: .last)])[0]
        return greedy.sample(logits, position: cache.count - 1)
    }

    private func report(_ what: String, _ value: Double, _ decimals: Int) {
        print("language \(threads) \(what) \(fixed(value, decimals))")
    }
}
