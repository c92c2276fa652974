package import Proofs

/// Model poisoning: the honest change times −4, in the fixed point of the job. The checkpoints are the honest ones.
package struct SignFlip: Forger {
    package init() {}

    package func forge(
        _ honest: TrainingProduct, task: TrainingTask, on engine: TrainingEngine
    ) throws -> TrainingProduct {
        let blocks = honest.update.delta.blocks.map { block in
            QuantisedDelta.Block(
                exponent: min(block.exponent + 2, QuantisedDelta.exponents.upperBound), values: block.values.map { -$0 }
            )
        }
        return TrainingProduct(
            task: task, checkpoints: honest.checkpoints, leaves: honest.update.leaves,
            delta: QuantisedDelta(width: honest.update.delta.width, blocks: blocks), residual: honest.residual)
    }
}
