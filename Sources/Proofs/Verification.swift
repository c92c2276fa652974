package import Keys
internal import Models
internal import Wire

/// Checks a receipt against what its worker must be able to show. Bits are compared, never distances: an honest worker passes on
/// every machine, and a single wrong bit fails.
package enum Verification {
    /// What is wrong with a receipt.
    package enum Fault: Error, Hashable, Sendable {
        /// The receipt names another base, specification, seed, worker, round or job than the ledger, or a wrong count.
        case receipt
        /// The published update is not what the receipt commits to.
        case malformed
        /// Checkpoint 0 is not the base model with zero momentum and the residual on the ledger.
        case base
        /// The delta does not follow from the last checkpoint.
        case output
        /// The residual does not follow from the last checkpoint.
        case residual
        /// Re-executing segment `index` from its first checkpoint does not give its second.
        case segment(Int)
    }

    /// Opens the update that `receipt` commits to.
    /// - Parameter bytes: fetched under the digest `receipt.output`.
    package static func open(
        _ bytes: [UInt8], of receipt: Receipt, for task: TrainingTask, on engine: TrainingEngine
    ) throws(Fault) -> Update {
        try checkFields(of: receipt, for: task, on: engine)
        guard Digest(of: bytes, domain: "blob") == receipt.output else { throw .malformed }
        let update: Update
        do { update = try Update(canonicalBytes: bytes) } catch { throw .malformed }
        guard update.leaves.count == Int(receipt.count), update.root == receipt.checkpoints,
            update.delta.width == engine.width, update.delta.blocks.map(\.values.count) == engine.tensors
        else { throw .malformed }
        return update
    }

    /// Compares what the receipt says with what the ledger says.
    package static func checkFields(
        of receipt: Receipt, for task: TrainingTask, on engine: TrainingEngine
    ) throws(Fault) {
        guard let training = engine.training(task), receipt.job == task.job, receipt.round == task.round,
            receipt.worker == task.worker, receipt.input == task.model, receipt.code == task.specification,
            receipt.seed == task.seed, Int(receipt.count) == training.segments + 1
        else { throw .receipt }
    }

    /// The first checkpoint is computed, not fetched: all of it is public.
    package static func checkBase(of update: Update, for task: TrainingTask) throws(Fault) {
        guard update.leaves.first == task.start.leaf else { throw .base }
    }

    /// Follows the link from the last checkpoint to the published integers and to the residual.
    /// - Parameter last: fetched under the digest of the last leaf.
    /// - Returns: the residual, for the next round.
    package static func checkLink(
        from last: [UInt8], to update: Update, of receipt: Receipt, for task: TrainingTask, on engine: TrainingEngine
    ) throws(Fault) -> [Float] {
        guard let training = engine.training(task), Digest(of: last, domain: "blob") == update.leaves.last,
            let checkpoint = try? Checkpoint(canonicalBytes: last), Int(checkpoint.state.step) == training.steps,
            checkpoint.residual == ParameterBytes.digest(task.residual)
        else { throw .output }
        let expected: (delta: QuantisedDelta, residual: [Float])
        do {
            expected = try DeltaCodec.encode(
                base: task.base, trained: checkpoint.state.parameters, residual: task.residual, tensors: engine.tensors,
                width: engine.width)
        } catch { throw .output }
        guard expected.delta == update.delta else { throw .output }
        guard ParameterBytes.digest(expected.residual) == receipt.residual else { throw .residual }
        return expected.residual
    }

    /// Re-executes segment `index`.
    /// - Parameter start: fetched under the digest of leaf `index`; for segment 0 the computed first checkpoint.
    /// - Returns: the checkpoint at the end, whose digest is leaf `index + 1`.
    package static func checkSegment(
        _ index: Int, from start: [UInt8], of update: Update, for task: TrainingTask, on engine: TrainingEngine
    ) throws(Fault) -> Checkpoint {
        guard let training = engine.training(task), index >= 0, index < training.segments,
            index + 1 < update.leaves.count, Digest(of: start, domain: "blob") == update.leaves[index],
            let checkpoint = try? Checkpoint(canonicalBytes: start),
            checkpoint.residual == ParameterBytes.digest(task.residual),
            let state = training.advanced(checkpoint.state, overSegment: index, threads: engine.threads)
        else { throw .segment(index) }
        let end = Checkpoint(residual: checkpoint.residual, state: state)
        guard end.leaf == update.leaves[index + 1] else { throw .segment(index) }
        return end
    }
}
