package import Keys
internal import Models
package import Proofs

extension BatchedEngine: DisputeEngine {
    /// Between two passes of the answers under way.
    package func move(
        in conducted: ConductedDispute, as side: DisputeSide, digests: [[Digest]]?
    ) throws -> (move: DisputeMove?, digests: [[Digest]]) {
        try verifier.transformer.model.file.checkUnchanged()
        let hand = try hand(about: conducted.dispute.exchange, digests: digests)
        return (
            try hand.move(in: conducted.machine, as: side, weights: hand.transformer.model.weightTree), hand.digests
        )
    }

    /// The case to open a dispute with, about an answer in which a check has found a fault.
    /// - Returns: nil when a dispute is no way to show it.
    package func dispute(_ exchange: Exchange, for fault: InferenceFault) throws -> DisputeCase? {
        let model = verifier.transformer.model
        // What signatures show is decided when it is shown, whatever is claimed.
        let isEvident = exchange.faultWithoutTokenizer(model.shape) != nil
        let claim =
            isEvident
            ? .transcript
            : try hand(about: exchange, digests: nil).claim(about: exchange.receipt.receipt, fault)
        return try claim.map { DisputeCase(claim: $0, exchange: exchange, model: try ModelDescription(model)) }
    }

    /// The case to open a dispute with about an own answer, in which another says that it has found a fault.
    package func defence(of exchange: Exchange) throws -> DisputeCase {
        DisputeCase(claim: .unnamed, exchange: exchange, model: try ModelDescription(verifier.transformer.model))
    }

    /// The state that the witness of an audit of this answer is made of.
    package func shownState(of exchange: Exchange, seed: Digest) throws -> ShownState {
        try hand(about: exchange, digests: nil).shownState(
            seed: seed, receipt: exchange.receipt.receipt, request: exchange.request.request,
            model: ModelDescription(verifier.transformer.model))
    }

    private func hand(about exchange: Exchange, digests: [[Digest]]?) throws -> DisputeHand {
        let model = verifier.transformer.model
        return try DisputeHand(
            job: exchange.request.request.id, tokens: exchange.fedTokens, transformer: verifier.transformer,
            layout: try ModelLayout(model), rows: FileRows(model.weightTree), digests: digests)
    }
}
