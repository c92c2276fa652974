import API
import ArgumentParser
import Foundation
import Models
import Node

struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a model on this machine continue a text, without any network.",
        discussion: """
            The same model, prompt, seed and mode give the same tokens on every machine and any number of threads.

            Examples:
              banyan generate --prompt "The capital of France is"
              banyan generate --model smollm2 --chat --prompt "Why is the sky blue?" --temperature 0.7 --seed 4
              banyan generate --prompt "Once" --tokens 64 --mode int8 --json
            """)
    @OptionGroup var local: LocalModelOptions
    @Option(help: "The text to continue.") var prompt: String
    @Flag(help: "Put the prompt into the model's chat template, as a user's message.") var chat = false
    @Option(help: "With --chat: what the model is told before.") var system: String?
    @Option(help: "Numbers it computes with: f32, or int8 activations, which is faster.")
    var mode = LocalModelOptions.Mode.f32
    @Option(help: "Threads; the tokens never depend on it.") var threads = 1
    @Flag(help: "Go on behind tokens that end a text.") var ignoreEnd = false
    @OptionGroup var sampling: SamplingOptions
    @OptionGroup var output: OutputOptions

    struct Report: Encodable {
        var promptIDs: [TokenID]
        var ids: [TokenID]
        /// The logit of each token.
        var logits: [Float]
        var text: String
        var stop: String
        var seconds: Double
    }

    func validate() throws {
        guard (1...256).contains(threads) else { throw ValidationError("--threads is \(threads); it is 1 to 256.") }
    }

    func run() throws {
        let model = try local.open()
        let sampler = try sampling.sampler()
        do throws(ModelError) { try generate(with: model, sampler) } catch { throw Problem(error) }
    }

    private func generate(with model: LanguageModel, _ sampler: Sampler) throws(ModelError) {
        let tokenizer = try model.tokenizer
        let ids = try promptIDs(model, tokenizer)
        let transformer = try Transformer(model, arithmetic: mode.arithmetic, threads: threads)
        let start = ContinuousClock.now
        var generation = try Generation(
            ids, of: model.shape, sampler: sampler, endTokens: ignoreEnd ? [] : tokenizer.endTokens)
        var report = Report(promptIDs: ids, ids: [], logits: [], text: "", stop: "", seconds: 0)
        var stream = TextStream()
        while let (token, logit) = try generation.step(on: transformer) {
            report.ids.append(token)
            report.logits.append(logit)
            // The token that ends a text says nothing.
            let isEnd = generation.stop == .endOfText
            show(isEnd ? "" : stream.append(tokenizer.bytes(of: token)), &report)
        }
        show(stream.finish(), &report)
        report.stop = generation.stop.map { "\($0)" } ?? ""
        report.seconds = start.duration(to: .now) / .seconds(1)
        print(output.json ? (try? OutputOptions.encode(report)) ?? "" : "")
    }

    private func promptIDs(_ model: LanguageModel, _ tokenizer: any Tokenizer) throws(ModelError) -> [TokenID] {
        guard chat else { return tokenizer.encode(prompt, parsesSpecial: true, addsSpecial: true) }
        let messages = (system.map { [ChatMessage(.system, $0)] } ?? []) + [ChatMessage(.user, prompt)]
        return try model.chatTemplate.encode(messages, addGenerationPrompt: true, with: tokenizer)
    }

    /// Text goes out as it comes.
    private func show(_ text: String, _ report: inout Report) {
        report.text += text
        if !output.json { FileHandle.standardOutput.write(Data(text.utf8)) }
    }
}
