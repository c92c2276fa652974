internal import Keys
internal import Models
package import Proofs

/// The best-hidden false update: in one segment the parameters jump away from the model, everything after it is trained honestly,
/// and the published change follows from the last checkpoint. Only re-executing that segment shows it.
package struct Teleport: Forger {
    /// The segment that jumps; nil takes one in the middle.
    private let segment: Int?

    package init(segment: Int? = nil) { self.segment = segment }

    package func forge(
        _ honest: TrainingProduct, task: TrainingTask, on engine: TrainingEngine
    ) throws -> TrainingProduct {
        guard let training = engine.training(task), var last = honest.checkpoints.first else { return honest }
        let jump = min(segment ?? training.segments / 2, training.segments - 1)
        var checkpoints = [last]
        for index in 0..<training.segments {
            guard let state = training.advanced(last.state, overSegment: index, threads: engine.threads) else { break }
            last = Checkpoint(residual: last.residual, state: state)
            if index == jump { last = away(last, from: task.base) }
            checkpoints.append(last)
        }
        let (delta, residual) = try DeltaCodec.encode(
            base: task.base, trained: last.state.parameters, residual: task.residual, tensors: engine.tensors,
            width: engine.width)
        return TrainingProduct(
            task: task, checkpoints: checkpoints, leaves: checkpoints.map(\.leaf), delta: delta,
            residual: residual)
    }

    /// Mirrors the parameters at the model and doubles the distance.
    private func away(_ checkpoint: Checkpoint, from model: [Float]) -> Checkpoint {
        var state = checkpoint.state
        state.parameters = zip(state.parameters, model).map { $1 - 2 * ($0 - $1) }
        state.momentum = state.momentum.map { -$0 }
        return Checkpoint(residual: checkpoint.residual, state: state)
    }
}
