import API
import ArgumentParser
import Keys
import Models

/// How a local text is drawn.
struct SamplingOptions: ParsableArguments {
    @Option(help: "Tokens at most.") var tokens = 128
    @Option(help: "0 takes the likeliest token always; up to 10.") var temperature = 0.0
    @Option(help: "Draw from so many of the likeliest tokens only; 0 = all.") var topK: UInt32 = 0
    @Option(help: "Draw from the likeliest tokens that have this share together.") var topP = 1.0
    @Option(help: "Draw from tokens at least this share as likely as the likeliest.") var minP = 0.0
    @Option(help: "Decides the draws: the same seed, the same text.") var seed: UInt64 = 0

    func sampler() throws(Problem) -> Sampler {
        guard (1...131_072).contains(tokens) else { throw .invalid("--tokens is \(tokens); it is 1 to 131072.") }
        guard (0...10).contains(temperature), (0...1).contains(topP), (0...1).contains(minP) else {
            throw .invalid(
                "--temperature \(temperature), --top-p \(topP) and --min-p \(minP) cannot be.",
                remedy: "A temperature is 0 to 10, the others are shares from 0 to 1.")
        }
        func whole(_ value: Double, of unit: Double) -> UInt32 { UInt32((value * unit).rounded()) }
        guard
            let parameters = SamplingParameters(
                temperature: whole(temperature, of: 1_000), topK: topK, topP: whole(topP, of: 1_000_000),
                minP: whole(minP, of: 1_000_000), maximumTokens: UInt32(tokens))
        else { throw .invalid("These sampling parameters are out of their range.") }
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: seed >> (8 * $0)) }
        return Sampler(parameters, seed: Digest(of: bytes, domain: "local seed"))
    }
}
