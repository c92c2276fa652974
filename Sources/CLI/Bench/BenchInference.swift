import API
import ArgumentParser
import Foundation
import Keys
import Models
import Node

struct BenchInference: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inference",
        abstract: "Measure how fast a model answers here, and what the proof adds.",
        discussion: """
            Each figure is the best of --repeat runs. What the proof adds is told from two answers made in turns, one with the
            transcript that a receipt commits to and one without.

            Example: banyan bench inference --model smollm2 --threads 2 --prompt-tokens 400 --generate 128 --json
            """)
    @OptionGroup var local: LocalModelOptions
    @Option(help: "Threads.") var threads = 1
    @Option(help: "Tokens of the prompt.") var promptTokens = 400
    @Option(help: "Tokens of the answer.") var generate = 128
    @Option(help: "f32, or int8 activations.") var mode = LocalModelOptions.Mode.int8
    @Option(name: .customLong("repeat"), help: "Runs of each kind.") var repetitions = 3
    @OptionGroup var output: OutputOptions

    struct Report: Encodable {
        var decodeTokensPerSecond: Double
        var prefillTokensPerSecond: Double
        var timeToFirstTokenSeconds: Double
        /// From the file to a model that can compute.
        var loadSeconds: Double
        /// Most memory of this process up to the end of the first run, in bytes.
        var peakBytes: UInt64
        /// What the transcript adds to prompt and answer together: 0.01 is one per cent.
        var proofOverhead: Double
    }

    func validate() throws {
        guard (1...256).contains(threads), promptTokens > 0, generate > 1, (1...100).contains(repetitions) else {
            throw ValidationError(
                "--threads is 1 to 256, --prompt-tokens at least 1, --generate at least 2, --repeat 1 to 100.")
        }
    }

    func run() throws {
        let begin = ContinuousClock.now
        let model = try local.open()
        let report: Report
        do throws(ModelError) {
            let transformer = try Transformer(model, arithmetic: mode.arithmetic, threads: threads)
            let load = begin.duration(to: .now) / .seconds(1)
            report = try measure(transformer, loadSeconds: load)
        } catch { throw Problem(error) }
        try output.show(report) { report in
            """
            decode           \(rounded(report.decodeTokensPerSecond)) tokens a second
            prefill          \(rounded(report.prefillTokensPerSecond)) tokens a second
            first token      after \(rounded(report.timeToFirstTokenSeconds)) s, with \(promptTokens) tokens of prompt
            load             \(rounded(report.loadSeconds)) s
            memory           \(megabytes(Int(report.peakBytes))) at most
            proof            adds \(rounded(report.proofOverhead * 100)) %
            """
        }
    }

    /// Seconds to the first token, and for all others.
    private struct Run {
        var first: Double
        var rest: Double
    }

    private func measure(_ transformer: Transformer, loadSeconds: Double) throws(ModelError) -> Report {
        let prompt = try prompt(transformer.model)
        guard let parameters = SamplingParameters(maximumTokens: UInt32(generate)) else {
            throw .inputMismatch("an answer of \(generate) tokens")
        }
        let sampler = Sampler(parameters, seed: .zero)
        var runs: [Run] = []
        var peak: UInt64 = 0
        for _ in 0..<repetitions {
            runs.append(try run(prompt, transformer, sampler))
            if peak == 0 { peak = ProcessMemory.peak() ?? 0 }
        }
        let overhead = ProofOverhead(transformer: transformer, prompt: prompt, sampler: sampler)
        let first = runs.map(\.first).min() ?? 0
        let decode = runs.map(\.rest).min() ?? 0
        return Report(
            decodeTokensPerSecond: Double(generate - 1) / decode, prefillTokensPerSecond: Double(promptTokens) / first,
            timeToFirstTokenSeconds: first, loadSeconds: loadSeconds, peakBytes: peak,
            proofOverhead: try overhead.measure(rounds: 3 * repetitions))
    }

    private func run(_ prompt: [TokenID], _ transformer: Transformer, _ sampler: Sampler) throws(ModelError) -> Run {
        let start = ContinuousClock.now
        var generation = try Generation(prompt, of: transformer.model.shape, sampler: sampler, endTokens: [])
        _ = try generation.step(on: transformer)
        let first = ContinuousClock.now
        while try generation.step(on: transformer) != nil {}
        return Run(first: start.duration(to: first) / .seconds(1), rest: first.duration(to: .now) / .seconds(1))
    }

    /// As many tokens as wanted of an English text.
    private func prompt(_ model: LanguageModel) throws(ModelError) -> [TokenID] {
        let sentence = "The village meets under the tree, and everybody who was there can tell what was said. "
        let tokenizer = try model.tokenizer
        var tokens: [TokenID] = []
        while tokens.count < promptTokens {
            tokens += tokenizer.encode(sentence, parsesSpecial: false, addsSpecial: tokens.isEmpty)
        }
        return Array(tokens.prefix(promptTokens))
    }
}
