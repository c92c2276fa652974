internal import Keys
package import Proofs

/// Honest checkpoints, and an update from elsewhere: seeded noise of the size of the honest change, without a link to them.
package struct ForgedOutput: Forger {
    package init() {}

    package func forge(
        _ honest: TrainingProduct, task: TrainingTask, on engine: TrainingEngine
    ) throws -> TrainingProduct {
        var generator = SeededGenerator(seed: Digest(of: task.seed.bytes, domain: "forged-output"))
        let limit = Int64(engine.width.limit)
        let blocks = honest.update.delta.blocks.map { block in
            let values = block.values.map { _ in
                Int16(Int64(generator.next(below: UInt64(2 * limit + 1))) - limit)
            }
            return QuantisedDelta.Block(exponent: block.exponent, values: values)
        }
        return TrainingProduct(
            task: task, checkpoints: honest.checkpoints, leaves: honest.update.leaves,
            delta: QuantisedDelta(width: engine.width, blocks: blocks), residual: honest.residual)
    }
}
