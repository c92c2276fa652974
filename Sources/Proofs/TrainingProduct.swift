package import Keys

/// All that a worker has in hand after a round: the receipt for the ledger, and the bytes it must serve.
package struct TrainingProduct: Sendable {
    package var receipt: Receipt
    package var update: Update
    /// Checkpoint 0…S.
    package var checkpoints: [Checkpoint]
    /// What the next round starts with, when this update is accepted.
    package var residual: [Float]

    /// Commits to checkpoints and a delta, whatever they are.
    package init(
        task: TrainingTask, checkpoints: [Checkpoint], leaves: [Digest], delta: QuantisedDelta, residual: [Float]
    ) {
        let update = Update(leaves: leaves, delta: delta)
        self.update = update
        self.checkpoints = checkpoints
        self.residual = residual
        receipt = Receipt(
            job: task.job, round: task.round, worker: task.worker, input: task.model, code: task.specification,
            seed: task.seed, checkpoints: update.root, count: UInt32(leaves.count), output: update.digest("blob"),
            residual: ParameterBytes.digest(residual))
    }
}
