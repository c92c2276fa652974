import Glibc
import Keys
import Models
import Proofs

/// What a transcript adds to an answer, on one thread in processor time, on several by the clock, in pairs: each pass is made twice in a row, with and without a recorder, the
/// order changing from pair to pair. What disturbs one of a pair mostly disturbs the other too; the median of the differences stands.
struct OverheadBenchmark {
    private let options: Options

    init(_ options: Options) { self.options = options }

    private struct Pair {
        var plain: Double
        var proved: Double
    }

    func run() throws {
        let transformer = try options.transformer()
        let length = options.lengths.max() ?? 128
        let request = try options.request(length: length)
        // One cache for both of a pair: where it lies in memory makes a difference of its own.
        let cache = KeyValueCache(options.model.shape, limit: request.prompt.count + length)
        var prefills: [Pair] = [], decodes: [Pair] = [], roots: [Double] = []
        for round in 0..<options.rounds {
            cache.truncate(to: 0)
            let recorder = TranscriptRecorder(layers: options.model.shape.layers)
            let sampler = Sampler(request.sampling, seed: .zero)
            var tokens = request.prompt
            for step in 0..<length {
                var logits: [Float] = []
                let pair = try pair(provedFirst: (step + round) % 2 == 0) { proving in
                    cache.truncate(to: step == 0 ? 0 : tokens.count - 1)
                    let piece = Transformer.Piece(cache: cache, tokens: Array(tokens[cache.count...]), logits: .last)
                    logits = try transformer.forward([piece], observer: proving ? recorder : nil)[0]
                }
                if step == 0 { prefills.append(pair) } else { decodes.append(pair) }
                tokens.append(sampler.sample(logits, position: cache.count - 1))
            }
            let root = best(of: 1, threads: options.threads) { recorder.transcript(job: request.id).root }
            roots.append(root.seconds)
        }
        let prefill = Self.summary("prompt of \(options.prompt)", prefills)
        let decode = Self.summary("one more token", decodes)
        let root = Self.median(roots)
        let tokens = Double(length - 1)
        print(
            "threads \(options.threads), \(options.arithmetic); the root of the transcript \(microseconds(root)) µs")
        print(
            "answer of \(length) tokens with its prompt: the proof adds",
            percent(prefill.added + decode.added * tokens + root, of: prefill.plain + decode.plain * tokens))
        print("without the prompt: \(percent(decode.added * tokens + root, of: decode.plain * tokens))")
    }

    private func pair(provedFirst: Bool, _ body: (Bool) throws -> Void) throws -> Pair {
        var pair = Pair(plain: 0, proved: 0)
        for proving in [provedFirst, !provedFirst] {
            let spent = try best(of: 1, threads: options.threads) { try body(proving) }.seconds
            if proving { pair.proved = spent } else { pair.plain = spent }
        }
        return pair
    }

    private static func summary(_ name: String, _ pairs: [Pair]) -> (plain: Double, added: Double) {
        let plain = median(pairs.map(\.plain)), differences = pairs.map { $0.proved - $0.plain }.sorted()
        let added = median(differences)
        // The median of n values lies between those √n ÷ 2 · 2 places away in 19 of 20 samples.
        let reach = Int(Double(pairs.count).squareRoot().rounded(.up))
        let low = differences[max(0, pairs.count / 2 - reach)]
        let high = differences[min(pairs.count - 1, pairs.count / 2 + reach)]
        print(
            "\(name): \(microseconds(plain)) µs, the proof adds \(microseconds(added)) µs",
            "(95 %: \(microseconds(low)) to \(microseconds(high))), \(percent(added, of: plain)); \(pairs.count) pairs")
        return (plain, added)
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}

private func microseconds(_ seconds: Double) -> String { decimals(seconds * 1e6, 1) }
private func percent(_ part: Double, of whole: Double) -> String { decimals(part / whole * 100, 2) + " %" }
private func decimals(_ value: Double, _ count: Int) -> String {
    let factor = count == 1 ? 10.0 : 100.0
    return "\((value * factor).rounded() / factor)"
}

/// Processor time of all threads of this process that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }
    let start = now()
    try body()
    return now() - start
}
