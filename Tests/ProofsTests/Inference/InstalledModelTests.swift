import Foundation
import Keys
import Models
import Proofs
import Testing

/// The same promises on the language model that `Scripts/setup test` installs; `BANYAN_MODEL` names another place.
@Suite struct InstalledModelTests {
    struct Missing: Error, CustomStringConvertible {
        let path: String
        var description: String { "no model at \(path); run Scripts/setup test" }
    }

    private let model: LanguageModel
    private let rules: ModelRules

    init() throws {
        let path =
            ProcessInfo.processInfo.environment["BANYAN_MODEL"]
            ?? NSHomeDirectory() + "/.banyan/models/SmolLM2-135M-Instruct.Q4_1.gguf"
        guard FileManager.default.fileExists(atPath: path) else { throw Missing(path: path) }
        model = try LanguageModel.open(path)
        rules = try ModelRules(model)
    }

    private func requests(_ count: Int) -> [InferenceRequest] {
        (0..<count).map { number -> InferenceRequest in
            let prompt = (0..<4 + number % 5).map { place -> TokenID in TokenID(260 + 31 * place + number) }
            let sampling = SamplingParameters(
                temperature: number % 2 == 0 ? 0 : 800, topK: 40, maximumTokens: UInt32(1 + number * 3 % 20))!
            return Sample.request(prompt: prompt, model: rules.root, sampling: sampling, nonce: "smol \(number)")
        }
    }

    @Test("thirty honest answers, batched on one thread, pass both checks on two")
    func honest() throws {
        let provider = TestProvider(try Transformer(model, arithmetic: .int8, threads: 1), rules: rules)
        let verifier = AnswerVerifier(try Transformer(model, arithmetic: .int8, threads: 2), rules: rules)
        let opener = SliceOpener(provider.transformer, layers: rules.layers)
        for exchange in try provider.answer(requests(30)) {
            #expect(verifier.check(exchange).outcome == .correct)
            let challenge = AuditChallenge(receipt: exchange.receipt.receipt.id, by: Sample.verifier)
            let draw = SliceDraw(
                try #require(challenge.output), layers: rules.layers, answer: exchange.answer.output.count)
            let opening = try opener.open(exchange, draw)
            #expect(verifier.check(exchange, opening: opening, draw: draw) == .correct)
        }
    }

    @Test("one other token, and one of a model whose arithmetic is finer, are found")
    func cheats() throws {
        let transformer = try Transformer(model, arithmetic: .int8, threads: 2)
        let verifier = AnswerVerifier(transformer, rules: rules)
        let request = requests(6)[5]
        let edited = try TestProvider(transformer, rules: rules).answer([request]) { $0 == 3 ? $1 ^ 1 : $1 }[0]
        #expect(verifier.check(edited).outcome == .faulty(.token(step: 3, expected: edited.answer.output[3] ^ 1)))
        let finer = try Transformer(model, arithmetic: .float32, threads: 2)
        let exchange = try TestProvider(finer, rules: rules).answer([request])[0]
        #expect(verifier.check(exchange).outcome != .correct)
        let draw = SliceDraw(Sample.digest("draw"), layers: rules.layers, answer: exchange.answer.output.count)
        let opening = try SliceOpener(finer, layers: rules.layers).open(exchange, draw)
        #expect(verifier.check(exchange, opening: opening, draw: draw) != .correct)
    }
}
