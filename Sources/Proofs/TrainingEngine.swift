internal import Keys
package import Models

/// A specification with its data at hand: what every node needs to train, re-execute and join updates of one job.
package struct TrainingEngine: Sendable {
    package let specification: TrainingSpecification
    package let dataset: Dataset
    package let partition: Partition
    /// Threads of one step; the bits do not depend on it.
    package let threads: Int

    /// - Throws: ``ModelError`` when the data is not the one that the specification names.
    package init(_ specification: TrainingSpecification, dataset: Dataset, threads: Int = 1) throws(ModelError) {
        guard dataset.digest == specification.dataset else {
            throw .dataMismatch("data set \(dataset.digest.short), \(specification.dataset.short) was specified")
        }
        self.specification = specification
        self.dataset = dataset
        self.threads = threads
        partition = Partition(specification.partition, labels: dataset.labels)
    }

    package var parameterCount: Int { specification.network.parameterCount }
    /// Parameters of each tensor, in canonical order.
    package var tensors: [Int] { specification.network.blocks.map(\.range.count) }
    package var width: QuantisedDelta.Width { specification.deltaBits == 8 ? .int8 : .int16 }

    /// Training samples of a shard: the weight of its update. 0 for a shard that does not exist.
    package func weight(shard: Int) -> UInt32 {
        (0..<partition.count).contains(shard) ? UInt32(clamping: partition.indices(shard: shard).count) : 0
    }

    /// The work of one task.
    /// - Returns: nil when there is no such shard, it does not fill a batch, or there are more checkpoints than an update lists.
    package func training(_ task: TrainingTask) -> ShardTraining? {
        guard
            let training = try? ShardTraining(
                specification, round: task.round, dataset: dataset, partition: partition, shard: task.shard,
                seed: task.seed,
                worker: task.worker), training.segments < Update.leafLimit
        else { return nil }
        return training
    }
}
