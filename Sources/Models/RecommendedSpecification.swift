package import Keys

extension TrainingSpecification {
    /// Federated averaging on Fashion-MNIST as measured in docs/performance.md: 374 steps a round for each of five trainers,
    /// ten segments, about 86 % after ten rounds.
    /// - Throws: ``ModelError/specification(_:)`` when there are no shards, or too many.
    package static func fashionMNIST(
        dataset: Digest, shards: UInt32 = 5, seed: Digest
    ) throws(ModelError) -> TrainingSpecification {
        try TrainingSpecification(
            network: .fashionMNIST, dataset: dataset, batch: 64, learningRate: Ratio(5, 100)!, annealing: 10,
            momentum: Ratio(9, 10)!,
            epochs: 2, checkpointEvery: 40,
            partition: try Partition.Plan(kind: .dirichlet, shards: shards, alpha: Ratio(1, 1)!, seed: seed),
            deltaBits: 8)
    }
}
