package import Keys
internal import Tensors

/// One trainer's work in one round, cut into the segments that an audit re-executes.
///
/// State s is what remains after segment s − 1; state 0 is the base model at rest. A segment is a pure function of its first
/// state, so whoever holds the specification and the data reaches the same bits.
package struct ShardTraining: Sendable {
    package let specification: TrainingSpecification
    package let dataset: Dataset
    private let schedule: BatchSchedule
    private let rate: Float

    /// - Parameters:
    ///   - round: from 0; the learning rate depends on it.
    ///   - partition: of `dataset` after the plan of the specification; pass it when several shards are looked at.
    ///   - seed: of the round.
    /// - Throws: ``ModelError`` when the data is not the one specified, or there is no such shard, or it does not fill a batch.
    package init(
        _ specification: TrainingSpecification, round: UInt32, dataset: Dataset, partition: Partition? = nil,
        shard: Int, seed: Digest, worker: AccountID
    ) throws(ModelError) {
        guard dataset.digest == specification.dataset else {
            throw .dataMismatch("data set \(dataset.digest.short), \(specification.dataset.short) was specified")
        }
        try dataset.requireFit(specification.network)
        let partition = partition ?? Partition(specification.partition, labels: dataset.labels)
        guard partition.count == Int(specification.partition.shards), (0..<partition.count).contains(shard) else {
            throw .dataMismatch("shard \(shard) of \(partition.count), \(specification.partition.shards) specified")
        }
        let samples = partition.indices(shard: shard)
        guard samples.count >= Int(specification.batch) else {
            throw .dataMismatch("\(samples.count) samples do not fill a batch of \(specification.batch)")
        }
        self.specification = specification
        self.dataset = dataset
        rate = specification.rate(ofRound: round)
        schedule = BatchSchedule(
            shard: samples, seed: seed, worker: worker, batch: Int(specification.batch),
            epochs: Int(specification.epochs))
    }

    /// Steps of the whole round.
    package var steps: Int { schedule.steps }

    /// Segments of the round: there is one more state than segments.
    package var segments: Int {
        (steps + Int(specification.checkpointEvery) - 1) / Int(specification.checkpointEvery)
    }

    /// The steps of one segment; the last may be shorter.
    /// - Precondition: `segment` is below ``segments``.
    package func steps(ofSegment segment: Int) -> Range<Int> {
        precondition((0..<segments).contains(segment), "segment \(segment) of \(segments)")
        let every = Int(specification.checkpointEvery)
        return segment * every..<min((segment + 1) * every, steps)
    }

    /// Takes the steps of one segment.
    /// - Returns: nil when the state is not one this segment can begin with: another step or another number of parameters.
    package func advanced(_ state: TrainingState, overSegment segment: Int, threads: Int = 1) -> TrainingState? {
        guard (0..<segments).contains(segment) else { return nil }
        let range = steps(ofSegment: segment)
        guard Int(state.step) == range.lowerBound, state.parameters.count == specification.network.parameterCount,
            state.momentum.count == specification.network.parameterCount
        else { return nil }
        var state = state
        advance(&state, range, threads: threads)
        return state
    }

    /// Runs the whole round from a base model and hands every state to `visit`, the first one included.
    /// - Returns: the last state.
    /// - Precondition: `base` has the parameters of the network.
    package func run(
        from base: [Float], threads: Int = 1, visit: (TrainingState) -> Void = { _ in }
    ) -> TrainingState {
        precondition(base.count == specification.network.parameterCount, "\(base.count) parameters in the base model")
        var state = TrainingState(parameters: base)
        visit(state)
        for segment in 0..<segments {
            advance(&state, steps(ofSegment: segment), threads: threads)
            visit(state)
        }
        return state
    }

    private func advance(_ state: inout TrainingState, _ steps: Range<Int>, threads: Int) {
        let trainer = BatchTrainer(specification, rate: rate, threads: threads)
        var epoch = -1
        var order: [UInt32] = []
        for step in steps {
            if step / schedule.stepsPerEpoch != epoch {
                epoch = step / schedule.stepsPerEpoch
                order = schedule.order(epoch: epoch)
            }
            let start = step % schedule.stepsPerEpoch * schedule.batch
            _ = trainer.trainStep(&state, dataset: dataset, samples: order[start..<start + schedule.batch])
        }
    }
}
