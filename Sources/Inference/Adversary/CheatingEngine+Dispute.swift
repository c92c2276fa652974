package import Keys
internal import Models
package import Proofs

extension CheatingEngine: DisputeEngine {
    /// Shows in a dispute the states that it has committed to, and proves rows of the model that was named: nobody can prove others.
    package func move(
        in conducted: ConductedDispute, as side: DisputeSide, digests: [[Digest]]?
    ) throws -> (move: DisputeMove?, digests: [[Digest]]) {
        let exchange = conducted.dispute.exchange
        let hand = try DisputeHand(
            job: exchange.request.request.id, tokens: exchange.fedTokens, transformer: states.runner,
            layout: try ModelLayout(whole.model), rows: FileRows(states.runner.model.weightTree), digests: digests)
        return (try hand.move(in: conducted.machine, as: side, weights: whole.model.weightTree), hand.digests)
    }
}
