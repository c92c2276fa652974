internal import Keys
package import Models
package import Proofs
internal import ServiceLifecycle
internal import Synchronization

/// A transformer that many answers share: each pass feeds the next tokens of all of them. Answers, openings and checks of one model
/// in one arithmetic run here and nowhere else.
package actor BatchedEngine: Engine, Service {
    package struct Settings: Sendable {
        package var threads = 1
        /// Positions of all answers under way; an answer that does not fit waits. 65,536 are 3 GB in a model of 135 million weights,
        /// but only those that are used take memory.
        package var positionLimit = 65_536
        /// Positions kept of answers that are over.
        package var shelfLimit = 8_192

        package init() {}
    }

    private struct Waiting {
        let id: UInt64
        let order: GenerationOrder
        let queue: TokenQueue
        let continuation: CheckedContinuation<GenerationProduct, any Error>

        var positions: Int { order.request.prompt.count + Int(order.request.sampling.maximumTokens) }
    }

    package nonisolated let model: ServedModel
    package nonisolated let rules: ModelRules
    nonisolated let source: LanguageModel
    private nonisolated let compute: ComputeQueue
    private let settings: Settings
    let verifier: AnswerVerifier
    let shelf: PrefixShelf
    private var waiting: [Waiting] = []
    private var sequences: [GeneratingSequence] = []
    /// Orders since the last pass; nil when no more are taken. Behind a lock: a check that takes turns with the answers holds the actor.
    private nonisolated let arrived = Mutex<[Waiting]?>([])
    private nonisolated let nextID = Atomic<UInt64>(0)
    private nonisolated let cancelled = Mutex<Set<UInt64>>([])
    private let wakeups: AsyncStream<Void>
    private nonisolated let wakeup: AsyncStream<Void>.Continuation

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe compute.asUnownedSerialExecutor() }

    private var transformer: Transformer { verifier.transformer }

    /// - Parameters:
    ///   - name: what people call the model.
    ///   - rules: of the model, its root among them.
    /// - Throws: ``ModelError`` when memory is short or the file is damaged.
    package init(
        _ model: LanguageModel, name: String, rules: ModelRules, arithmetic: Arithmetic,
        settings: Settings = Settings()
    ) throws(ModelError) {
        self.model = ServedModel(
            choice: ModelChoice(model: rules.root, arithmetic: arithmetic), name: name,
            contextLength: rules.contextLength, vocabulary: rules.vocabulary,
            disputableLength: DisputeSize.positions(of: try ModelDescription(model), within: .ledger))
        self.rules = rules
        source = model
        self.settings = settings
        compute = ComputeQueue(label: "banyan.engine")
        verifier = AnswerVerifier(
            try Transformer(model, arithmetic: arithmetic, threads: settings.threads), rules: rules)
        shelf = PrefixShelf(positionLimit: settings.shelfLimit)
        (wakeups, wakeup) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Computes until cancelled; a graceful shutdown lets what is under way come to its end, which is for others to limit.
    package func run() async throws {
        for await _ in wakeups {
            // Between two passes others have their turn: new answers, checks, cancellations.
            while !Task.isCancelled, step() { await Task.yield() }
        }
        waiting += arrived.withLock { arrived in
            defer { arrived = nil }
            return arrived ?? []
        }
        for sequence in sequences { sequence.finish(.failure(CancellationError())) }
        for order in waiting { order.continuation.resume(throwing: CancellationError()) }
        (sequences, waiting) = ([], [])
    }

    package nonisolated func generate(
        _ order: GenerationOrder, into queue: TokenQueue
    ) async throws -> GenerationProduct {
        let id = nextID.add(1, ordering: .relaxed).newValue
        queue.onRoom { [wakeup] in wakeup.yield() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let order = Waiting(id: id, order: order, queue: queue, continuation: continuation)
                let isTaken = arrived.withLock { arrived in
                    guard arrived != nil, !Task.isCancelled else { return false }
                    arrived?.append(order)
                    return true
                }
                if isTaken { wakeup.yield() } else { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            _ = cancelled.withLock { $0.insert(id) }
            wakeup.yield()
        }
    }

    // MARK: One pass

    /// - Returns: false when there is nothing to compute.
    func step() -> Bool {
        waiting += arrived.withLock { arrived in
            defer { if arrived != nil { arrived = [] } }
            return arrived ?? []
        }
        dropCancelled()
        admit()
        let feeds = BatchPlan(sequences.map(\.planned)).feeds
        guard !feeds.isEmpty else { return false }
        let chosen = feeds.compactMap { feed in
            sequences.first { $0.id == feed.id }.map { (sequence: $0, count: feed.count) }
        }
        do throws(ModelError) {
            try feed(chosen)
        } catch {
            // One of them cannot be computed: each alone shows which.
            for one in chosen {
                one.sequence.forgetFailedPass()
                do throws(ModelError) { try feed([one]) } catch { end(one.sequence, .failure(error)) }
            }
        }
        return true
    }

    private func feed(_ chosen: [(sequence: GeneratingSequence, count: Int)]) throws(ModelError) {
        let observers = PieceObservers(chosen.map { [$0.sequence.recorder] })
        // What is complete is no longer among the sequences, so each has a piece.
        let pieces = chosen.compactMap { $0.sequence.piece($0.count) }
        for (one, logits) in zip(chosen, try transformer.forward(pieces, observer: observers)) {
            guard let product = one.sequence.advance(logits: logits) else { continue }
            shelf.keep(one.sequence.prefix)
            end(one.sequence, .success(product))
        }
    }

    private func end(_ sequence: GeneratingSequence, _ result: Result<GenerationProduct, any Error>) {
        sequences.removeAll { $0 === sequence }
        sequence.finish(result)
    }

    private func dropCancelled() {
        let gone = cancelled.withLock { cancelled in
            defer { cancelled = [] }
            return cancelled
        }
        guard !gone.isEmpty else { return }
        for sequence in sequences where gone.contains(sequence.id) { end(sequence, .failure(CancellationError())) }
        for order in waiting where gone.contains(order.id) { order.continuation.resume(throwing: CancellationError()) }
        waiting.removeAll { gone.contains($0.id) }
    }

    /// Begins what waits, in order, as far as there is room.
    private func admit() {
        var used = sequences.reduce(0) { $0 + $1.positions }
        while let next = waiting.first, sequences.isEmpty || used + next.positions <= settings.positionLimit {
            waiting.removeFirst()
            let known = shelf.take(next.order.request.prompt, limit: next.positions)
            let cache = known?.cache ?? KeyValueCache(transformer.model.shape, limit: next.positions)
            do throws(ModelError) {
                sequences.append(
                    try GeneratingSequence(
                        id: next.id, order: next.order, queue: next.queue, cache: cache, roots: known?.roots ?? [],
                        rules: rules, continuation: next.continuation))
            } catch {
                next.continuation.resume(throwing: error)
                continue
            }
            used += next.positions
        }
    }
}
