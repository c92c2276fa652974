package import Keys
internal import Models
package import Proofs

extension BatchedEngine {
    package nonisolated var canDefend: Bool { source.isWhole }

    /// Every position, every token, but for what this engine itself has computed before of the prompt. Answers under way go on between two
    /// pieces of it.
    /// - Parameter auditSeed: asks for the witness that the ledger wants.
    package func check(_ exchange: Exchange, auditSeed: Digest?) async -> AnswerVerifier.Finding {
        takingTurns {
            verifier.check(
                exchange, auditSeed: auditSeed,
                after: shelf.take(exchange.request.request.prompt, limit: exchange.fedTokens.count)
            ) { shelf.keep($0) }
        }
    }

    /// One layer over all positions, against what the provider has opened.
    package func check(_ exchange: Exchange, opening: SliceOpening, draw: SliceDraw) async -> AnswerVerifier.Outcome {
        verifier.check(exchange, opening: opening, draw: draw)
    }

    /// Opens what a challenge asks for, by computing the states of this node's own answer again.
    package func open(_ exchange: Exchange, _ draw: SliceDraw) async throws -> SliceOpening {
        try takingTurns { try SliceOpener(verifier.transformer, layers: rules.layers).open(exchange, draw) }
    }

    /// What `read` makes of the logits that the tokens of some steps of an answer were drawn from.
    package func map<Value: Sendable>(
        _ exchange: Exchange, _ steps: [Int], _ read: @Sendable ([Float]) -> Value
    ) throws -> [Value] {
        try takingTurns { try verifier.map(exchange, steps, read) }
    }

    private func takingTurns<Result, Failure: Error>(_ work: () throws(Failure) -> Result) throws(Failure) -> Result {
        verifier.transformer.turn = { self.turn() }
        defer { verifier.transformer.turn = nil }
        return try work()
    }

    /// One pass of the answers under way.
    /// - Returns: tokens of the next piece of whatever takes turns with them.
    private func turn() -> Int { step() ? BatchPlan.promptBudget : BatchPlan.idleBudget }
}
