package import Keys
internal import Ledger
package import Models
internal import Proofs
internal import Wire

/// The heavy work of a round: training, checking, joining, measuring. Each call gets what it needs by digest, computes, and
/// leaves its blobs in the store; nothing else changes. Calls give way to other tasks after every segment.
package struct RoundWork: Sendable {
    package enum Failure: Error, Sendable {
        /// A blob that the work needs could not be had.
        case missing(Digest)
        /// A blob is here and is not what it should be.
        case invalid(String)
        case cancelled
    }

    /// 64 KiB of specification are far more than a specification has.
    package static let specificationLimit = 1 << 16

    package let blobs: any Blobs
    let data: any TrainingData
    let threads: Int
    let workshop: Workshop

    package init(blobs: any Blobs, data: any TrainingData, threads: Int = 1) {
        self.blobs = blobs
        self.data = data
        self.threads = threads
        workshop = Workshop()
    }

    /// Trains the shard of one worker and stores update, checkpoints and residual.
    /// - Parameter forge: replaces the honest product; nil in every honest node.
    @concurrent package func train(
        _ order: TrainingOrder, stop: StopSignal, forge: (any Forger)? = nil,
        progress: @Sendable (_ done: Int, _ total: Int) async -> Void
    ) async throws -> Receipt {
        let engine = try await engine(for: order.base)
        let task = try await task(
            order.base, worker: order.worker, place: order.place, residual: order.residual, holders: [], on: engine)
        var trace = try TrainingTrace(task, on: engine)
        while !trace.isFinished {
            guard !stop.isSet else { throw Failure.cancelled }
            trace.advance()
            await progress(trace.stepsDone, trace.steps)
            await Task.yield()
        }
        var product = try trace.finish()
        if let forge { product = try forge.forge(product, task: task, on: engine) }
        try await publish(product, for: order.base.id)
        return product.receipt
    }

    private func publish(_ product: TrainingProduct, for id: RoundID) async throws {
        await blobs.lease(product.update.leaves, to: id)
        for checkpoint in product.checkpoints { _ = try await blobs.put(checkpoint.canonicalBytes) }
        _ = try await blobs.put(ParameterBytes.encode(product.residual))
        _ = try await blobs.put(product.update.canonicalBytes)
    }

    /// Checks one part of one receipt.
    @concurrent package func check(_ order: CheckOrder, stop: StopSignal) async throws -> CheckResult {
        let engine = try await engine(for: order.base)
        do {
            let task = try await task(
                order.base, worker: order.receipt.worker, place: order.place, residual: order.residual,
                holders: order.holders, on: engine)
            guard !stop.isSet else { throw Failure.cancelled }
            let limit = updateLimit(engine)
            let bytes = try await fetch(order.receipt.output, order.holders, limit)
            let update = try Verification.open(bytes, of: order.receipt, for: task, on: engine)
            await Task.yield()
            switch order.part {
            case .commitment: try await checkCommitment(order, update, task, engine)
            case .segment(let index): try await checkSegment(Int(index), order, update, task, engine)
            }
            return .passed
        } catch let fault as Verification.Fault {
            return .failed(order.isRepeated ? .duplicate : Fault(fault))
        } catch Failure.missing {
            return .missing
        }
    }

    private func checkCommitment(
        _ order: CheckOrder, _ update: Update, _ task: TrainingTask, _ engine: TrainingEngine
    ) async throws {
        try Verification.checkBase(of: update, for: task)
        guard let leaf = update.leaves.last else { throw Verification.Fault.malformed }
        let last = try await checkpoint(leaf, order, engine)
        let residual = try Verification.checkLink(from: last, to: update, of: order.receipt, for: task, on: engine)
        // The next audit of this worker starts from it.
        _ = try? await blobs.put(ParameterBytes.encode(residual))
        if order.isRepeated { try await checkSegment(0, order, update, task, engine) }
    }

    private func checkSegment(
        _ index: Int, _ order: CheckOrder, _ update: Update, _ task: TrainingTask, _ engine: TrainingEngine
    ) async throws {
        let start: [UInt8]
        if index == 0 {
            start = task.start.canonicalBytes
        } else {
            guard update.leaves.indices.contains(index) else { throw Verification.Fault.segment(index) }
            start = try await checkpoint(update.leaves[index], order, engine)
        }
        let end = try Verification.checkSegment(index, from: start, of: update, for: task, on: engine)
        await workshop.keep(end.canonicalBytes, as: update.leaves[index + 1])
        await Task.yield()
    }

    /// A checkpoint that this node has just computed, or that someone serves.
    private func checkpoint(_ leaf: Digest, _ order: CheckOrder, _ engine: TrainingEngine) async throws -> [UInt8] {
        if let recent = await workshop.recent(leaf) { return recent }
        let limit = Checkpoint.sizeLimit(parameters: engine.parameterCount)
        await blobs.lease([leaf], to: order.base.id)
        return try await fetch(leaf, order.holders, limit)
    }

    /// Computes the next model and stores it.
    @concurrent package func aggregate(_ order: AggregationOrder) async throws -> Digest {
        let engine = try await engine(for: order.base)
        let model = try await parameters(order.base.model, order.holders, engine)
        var contributions: [Aggregation.Contribution] = []
        for part in order.parts {
            let bytes = try await fetch(part.receipt.output, order.holders, updateLimit(engine))
            guard let update = try? Update(canonicalBytes: bytes) else {
                throw Failure.invalid("update \(part.receipt.output.short) does not decode")
            }
            contributions.append(
                Aggregation.Contribution(
                    weight: engine.weight(place: part.place, round: order.base.id.round), delta: update.delta))
        }
        let next = try Aggregation.apply(contributions, to: model, tensors: engine.tensors)
        return try await blobs.put(ParameterBytes.encode(next))
    }

    /// Counts what a model gets right on the test set.
    @concurrent package func evaluate(_ base: RoundBase) async throws -> Evaluation {
        let engine = try await engine(for: base)
        let model = try await parameters(base.model, [], engine)
        let test = try await data.dataset(engine.specification.dataset).test
        return try engine.specification.network.evaluate(model, on: test, threads: threads)
    }

    /// Forgets the checkpoints of an attempt that is over.
    package func discard(_ id: RoundID) async {
        await workshop.clear()
        await blobs.release(id)
    }

    // MARK: Inputs

    private func updateLimit(_ engine: TrainingEngine) -> Int {
        engine.parameterCount * 2 + Update.leafLimit * 32 + (1 << 16)
    }

    private func fetch(_ digest: Digest, _ holders: [AccountID], _ limit: Int) async throws -> [UInt8] {
        guard let bytes = await blobs.get(digest, from: holders, limit: limit) else { throw Failure.missing(digest) }
        return bytes
    }

    private func parameters(
        _ digest: Digest, _ holders: [AccountID], _ engine: TrainingEngine
    ) async throws -> [Float] {
        let bytes = try await fetch(digest, holders, engine.parameterCount * 4)
        do { return try ParameterBytes.decode(bytes, count: engine.parameterCount) } catch {
            throw Failure.invalid("blob \(digest.short) is no model of \(engine.parameterCount) parameters: \(error)")
        }
    }

    private func task(
        _ base: RoundBase, worker: AccountID, place: Int, residual: Digest?, holders: [AccountID],
        on engine: TrainingEngine
    ) async throws -> TrainingTask {
        let model = try await parameters(base.model, holders, engine)
        let zeros = ParameterBytes.zeros(engine.parameterCount)
        let left = if let residual { try await parameters(residual, holders, engine) } else { zeros }
        return TrainingTask(
            job: base.id.job, round: base.id.round, worker: worker, place: place, specification: base.specification,
            seed: base.id.seed, model: base.model, base: model, residual: left)
    }

    private func engine(for base: RoundBase) async throws -> TrainingEngine {
        if let engine = await workshop.engine(base.specification) { return engine }
        let bytes = try await fetch(base.specification, [], Self.specificationLimit)
        let specification = try TrainingSpecification(canonicalBytes: bytes)
        let dataset = try await data.dataset(specification.dataset).train
        let engine = try TrainingEngine(specification, dataset: dataset, threads: threads)
        await workshop.keep(engine, for: base.specification)
        return engine
    }
}

extension Fault {
    init(_ fault: Verification.Fault) {
        self =
            switch fault {
            case .receipt, .malformed: .malformed
            case .base: .base
            case .output: .output
            case .residual: .residual
            case .segment(let index): .segment(UInt32(clamping: index))
            }
    }
}
