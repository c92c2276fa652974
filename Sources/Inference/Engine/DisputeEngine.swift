package import Keys
internal import Models
package import Proofs

/// Plays a side of a dispute by computing an answer again.
package protocol DisputeEngine: Sendable {
    /// What this engine would say.
    /// - Parameter digests: of the states of this answer, from a move before.
    /// - Returns: the move, or nil when it has nothing to say; and the digests, which save a pass at the next move.
    func move(
        in conducted: ConductedDispute, as side: DisputeSide, digests: [[Digest]]?
    ) async throws -> (move: DisputeMove?, digests: [[Digest]])
}

extension DisputeHand {
    /// - Parameter weights: of the model that was named.
    /// - Throws: for one when its file was changed: the move is made when the file is whole again.
    func move(in machine: DisputeMachine, as side: DisputeSide, weights: WeightTree) throws -> DisputeMove? {
        guard side == .provider else { return try reply(in: machine) }
        return try show(in: machine) { name, row throws(ModelError) in
            guard let leaf = weights.identity.tensors.first(where: { $0.name == name }) else { return nil }
            return try weights.proof(tensor: name, chunk: row / leaf.rowsPerChunk)
        }
    }
}
