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

    /// Training samples that the trainer at `place` has in `round`: the weight of its update.
    package func weight(place: Int, round: UInt32) -> UInt32 {
        UInt32(clamping: partition.indices(shard: partition.shard(ofTrainer: place, inRound: round)).count)
    }

    func shard(of task: TrainingTask) -> Int { partition.shard(ofTrainer: task.place, inRound: task.round) }

    /// The work of one task.
    /// - Returns: nil when the shard does not fill a batch, or there are more checkpoints than an update lists.
    package func training(_ task: TrainingTask) -> ShardTraining? {
        guard
            let training = try? ShardTraining(
                specification, round: task.round, dataset: dataset, partition: partition, shard: shard(of: task),
                seed: task.seed, worker: task.worker), training.segments < Update.leafLimit
        else { return nil }
        return training
    }
}
