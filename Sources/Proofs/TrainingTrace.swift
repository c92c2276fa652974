package import Keys
internal import Models

/// Trains one round segment by segment and keeps the checkpoint at each end.
package struct TrainingTrace: Sendable {
    package let engine: TrainingEngine
    package let task: TrainingTask
    private let training: ShardTraining
    package private(set) var checkpoints: [Checkpoint]
    package private(set) var leaves: [Digest]

    package enum Failure: Error, Hashable, Sendable {
        /// The specification gives this shard nothing to do.
        case noWork(shard: Int)
        /// Base or residual do not have the size of the model.
        case shape(expected: Int, found: Int)
        case delta(DeltaCodec.Failure)
    }

    package init(_ task: TrainingTask, on engine: TrainingEngine) throws(Failure) {
        guard let training = engine.training(task) else { throw .noWork(shard: engine.shard(of: task)) }
        for found in [task.base.count, task.residual.count] where found != engine.parameterCount {
            throw .shape(expected: engine.parameterCount, found: found)
        }
        self.engine = engine
        self.task = task
        self.training = training
        let start = task.start
        checkpoints = [start]
        leaves = [start.leaf]
    }

    package var segments: Int { training.segments }
    package var segmentsDone: Int { checkpoints.count - 1 }
    package var isFinished: Bool { segmentsDone == segments }
    /// Optimiser steps taken and to take.
    package var stepsDone: Int { checkpoints.last.map { Int($0.state.step) } ?? 0 }
    package var steps: Int { training.steps }

    /// Runs the next segment.
    package mutating func advance() {
        guard let last = checkpoints.last,
            let state = training.advanced(last.state, overSegment: segmentsDone, threads: engine.threads)
        else { return }
        let next = Checkpoint(residual: last.residual, state: state)
        checkpoints.append(next)
        leaves.append(next.leaf)
    }

    /// Runs what is left and makes the receipt.
    package consuming func finish() throws(Failure) -> TrainingProduct {
        while !isFinished { advance() }
        guard let last = checkpoints.last else { throw .noWork(shard: engine.shard(of: task)) }
        do {
            let (delta, residual) = try DeltaCodec.encode(
                base: task.base, trained: last.state.parameters, residual: task.residual, tensors: engine.tensors,
                width: engine.width)
            return TrainingProduct(
                task: task, checkpoints: checkpoints, leaves: leaves, delta: delta, residual: residual)
        } catch {
            throw .delta(error)
        }
    }
}
