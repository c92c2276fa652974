internal import Ledger
package import Proofs

extension DisputeSize {
    /// What a ledger takes of a move, and what it keeps of a dispute in one record.
    package static let ledger = DisputeSize(move: DisputeTurn.byteLimit, state: Ledger.StateProof.valueLimit - 64)
}
