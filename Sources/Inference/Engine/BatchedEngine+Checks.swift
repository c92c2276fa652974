package import Keys
internal import Models
package import Proofs

extension BatchedEngine {
    /// Every position, every token, but for what this engine itself has computed before of the prompt; between two passes of the answers under way.
    /// - Parameter auditSeed: asks for the witness that the ledger wants.
    package func check(_ exchange: Exchange, auditSeed: Digest?) async -> AnswerVerifier.Finding {
        verifier.check(
            exchange, auditSeed: auditSeed,
            after: shelf.take(exchange.request.request.prompt, limit: exchange.fedTokens.count)
        ) { shelf.keep($0) }
    }

    /// One layer over all positions, against what the provider has opened.
    package func check(_ exchange: Exchange, opening: SliceOpening, draw: SliceDraw) async -> AnswerVerifier.Outcome {
        verifier.check(exchange, opening: opening, draw: draw)
    }

    /// Opens what a challenge asks for, by computing the states of this node's own answer again.
    package func open(_ exchange: Exchange, _ draw: SliceDraw) async throws -> SliceOpening {
        try SliceOpener(verifier.transformer, layers: rules.layers).open(exchange, draw)
    }
}
