internal import Keys
package import Proofs
internal import Synchronization

/// Free-riding: the update of an earlier round, of this node or of a peer, published again under a new receipt.
package final class Stale: Forger {
    private let copied: Mutex<Update?>

    /// - Parameter update: what to copy; nil keeps the first update that this node makes, which is then all zeros.
    package init(copying update: Update? = nil) { copied = Mutex(update) }

    /// Remembers an update for later rounds, unless there is one.
    package func remember(_ update: Update) { copied.withLock { $0 = $0 ?? update } }

    package func forge(
        _ honest: TrainingProduct, task: TrainingTask, on engine: TrainingEngine
    ) throws -> TrainingProduct {
        guard let update = copied.withLock(\.self) else {
            let blocks = honest.update.delta.blocks.map { block in
                QuantisedDelta.Block(exponent: 0, values: block.values.map { _ in 0 })
            }
            let lazy = TrainingProduct(
                task: task, checkpoints: honest.checkpoints, leaves: honest.update.leaves,
                delta: QuantisedDelta(width: engine.width, blocks: blocks), residual: honest.residual)
            remember(lazy.update)
            return lazy
        }
        return TrainingProduct(
            task: task, checkpoints: honest.checkpoints, leaves: update.leaves, delta: update.delta,
            residual: honest.residual)
    }
}
