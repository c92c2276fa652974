import Foundation
import Inference
import Keys
import Models
import Proofs
import Testing

/// The shared transformer with the real model of the set-up.
struct EngineTests {
    private static let path =
        ProcessInfo.processInfo.environment["BANYAN_MODEL"]
        ?? NSHomeDirectory() + "/.banyan/models/SmolLM2-135M-Instruct.Q4_1.gguf"

    private func exchange(_ engine: BatchedEngine, _ nonce: UInt64, prompt: [TokenID], tokens: UInt32 = 3) async throws
        -> Exchange
    {
        let request = InferenceRequest(
            client: account(0), provider: account(1), node: key(1).publicKey, model: engine.model.choice.model,
            arithmetic: engine.model.choice.arithmetic, prompt: prompt,
            sampling: sampling(tokens, temperature: nonce % 2 == 0 ? 0 : 800), nonce: digest(nonce),
            verification: .merkle)!
        let seed = InferenceSeed(job: request.id, by: key(1))
        let queue = TokenQueue()
        let product = try await engine.generate(GenerationOrder(request: request, seed: seed.value), into: queue)
        queue.finish()
        #expect(await queue.next() == product.answer.output)
        return Exchange(
            request: SignedRequest(request, by: accountKey(0)), answer: product.answer,
            receipt: .sign(
                .answer(product.answer, to: request, transcript: product.transcript, seed: seed.value),
                seedProof: seed.proof, with: key(1)))
    }

    private func makeEngine(_ model: LanguageModel) throws -> BatchedEngine {
        let rules = ModelRules(
            root: digest(1), layers: model.shape.layers, vocabulary: model.shape.vocabulary,
            contextLength: model.shape.contextLength, endTokens: try model.tokenizer.endTokens)
        return try BatchedEngine(model, name: "smol", rules: rules, arithmetic: .int8)
    }

    @Test("a check of one answer leaves turns to the others that are under way", .timeLimit(.minutes(1)))
    func turns() async throws {
        let model = try LanguageModel.open(Self.path)
        let (computing, checking) = (try makeEngine(model), try makeEngine(model))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await computing.run() }
            let checked = try await exchange(computing, 0, prompt: Array(10..<300))
            // This engine does not run by itself: what it generates, it generates in the turns of a check.
            let queue = TokenQueue()
            group.addTask {
                let order = GenerationOrder(request: request(prompt: [9, 8, 7], tokens: 4), seed: digest(5))
                _ = try await checking.generate(order, into: queue)
                queue.finish()
            }
            var tokens: [TokenID] = []
            while tokens.count < 4 {
                #expect(await checking.check(checked, auditSeed: nil).outcome == .correct)
                if queue.count > 0 { tokens += await queue.next() ?? [] }
            }
            group.cancelAll()
        }
    }

    @Test("answers computed together, with beginnings of earlier ones reused, stand the full check and the layer audit")
    func together() async throws {
        let model = try LanguageModel.open(Self.path)
        let tokenizer = try model.tokenizer
        let engine = try makeEngine(model)
        let start = tokenizer.encode(
            "The capital of France is a city on the river", parsesSpecial: false, addsSpecial: true)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            let first = try await exchange(engine, 0, prompt: start)
            async let second = exchange(engine, 1, prompt: start + Array(repeating: 5, count: 20))
            async let third = exchange(engine, 2, prompt: [9, 8, 7])
            // Much longer than the answer whose beginning it takes over.
            async let fourth = exchange(engine, 4, prompt: start + [5], tokens: 24)
            for exchange in try await [first, second, third, fourth] {
                #expect(await engine.check(exchange, auditSeed: nil).outcome == .correct)
                let challenge = AuditChallenge(receipt: exchange.receipt.receipt.id, by: key(2))
                let draw = SliceDraw(
                    try #require(challenge.output), layers: engine.rules.layers, answer: exchange.answer.output.count)
                let opening = try await engine.open(exchange, draw)
                #expect(await engine.check(exchange, opening: opening, draw: draw) == .correct)
            }
            group.cancelAll()
        }
    }
}
