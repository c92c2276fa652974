package import Keys
internal import Models

/// What one worker's training of one round is determined by. Two nodes with equal tasks and equal data compute equal bits.
package struct TrainingTask: Sendable {
    package let job: Digest
    package let round: UInt32
    package let worker: AccountID
    /// Of the worker among the trainers of the job; with the round it decides the shard.
    package let place: Int
    package let specification: Digest
    /// Randomness of the round, fixed by the ledger.
    package let seed: Digest
    /// Digest of ``base``.
    package let model: Digest
    package let base: [Float]
    /// What the worker's last accepted update left over, or zeros.
    package let residual: [Float]

    package init(
        job: Digest, round: UInt32, worker: AccountID, place: Int, specification: Digest, seed: Digest, model: Digest,
        base: [Float], residual: [Float]
    ) {
        self.job = job
        self.round = round
        self.worker = worker
        self.place = place
        self.specification = specification
        self.seed = seed
        self.model = model
        self.base = base
        self.residual = residual
    }

    /// The one possible first checkpoint.
    package var start: Checkpoint {
        Checkpoint(residual: ParameterBytes.digest(residual), state: TrainingState(parameters: base))
    }
}
