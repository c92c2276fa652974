package import Keys
internal import Ledger
package import Logging
internal import Models
internal import Proofs
internal import ServiceLifecycle

/// Runs the training rounds of one node: the only place where the machine meets ledger, blobs and data.
///
/// The machine decides in the actor; training, checking and joining run as child tasks beside it, at most
/// ``Settings/parallelWork`` at a time, and stop when the ledger has moved on.
package actor RoundService: Service {
    package struct Settings: Sendable {
        /// Threads inside one piece of work.
        package var threads = 1
        /// Pieces of work at the same time.
        package var parallelWork = 1
        /// Events kept for a reader that is slow.
        package var eventBuffer = 512
        /// Whether to run each round's model over the test images.
        package var evaluates = true

        package init() {}
    }

    private enum Message: Sendable {
        case block
        case result(job: Digest, TrainingRoundMachine.Input)
        case finished
    }

    private let account: AccountID
    private let key: SigningKey
    private let rounds: any Rounds
    private let work: RoundWork
    private let blobs: any Blobs
    private let settings: Settings
    private let forger: (any Forger)?
    private let witness: (any FalseWitness)?
    private let logger: Logger

    private var machines: [Digest: TrainingRoundMachine] = [:]
    private var queue: WorkQueue
    private var hasStarted = false
    private var blockPending = false
    private var readers: [UInt64: AsyncStream<FederationEvent>.Continuation] = [:]
    private var nextReader: UInt64 = 0
    private let inbox: AsyncStream<Message>.Continuation
    private let messages: AsyncStream<Message>

    /// - Parameters:
    ///   - account: whom this node works for.
    ///   - key: the key that the ledger accepts for its operations.
    ///   - forger: makes this node cheat; nil in every node that is not part of a demonstration.
    ///   - witness: makes this node lie about others; likewise.
    package init(
        account: AccountID, key: SigningKey, rounds: any Rounds, blobs: any Blobs, data: any TrainingData,
        settings: Settings = Settings(), forger: (any Forger)? = nil, witness: (any FalseWitness)? = nil,
        logger: Logger
    ) {
        self.account = account
        self.key = key
        self.rounds = rounds
        self.blobs = blobs
        self.settings = settings
        self.forger = forger
        self.witness = witness
        self.logger = logger
        queue = WorkQueue(limit: settings.parallelWork)
        work = RoundWork(blobs: blobs, data: data, threads: settings.threads)
        // Not bounded by the stream but by its writers: one block at a time, and one result for each piece of work.
        (messages, inbox) = AsyncStream.makeStream(of: Message.self)
    }

    /// What this node does in its rounds, from now on; the oldest events go first when the reader is slow.
    package func events() -> AsyncStream<FederationEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: FederationEvent.self, bufferingPolicy: .bufferingNewest(settings.eventBuffer))
        let reader = nextReader
        nextReader += 1
        readers[reader] = continuation
        return stream
    }

    /// Works until graceful shutdown or cancellation. What was begun is given up; the ledger knows where to go on.
    package func run() async throws {
        await cancelWhenGracefulShutdown { await self.serve() }
    }

    private func serve() async {
        let blocks = await rounds.blocks()
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in blocks { await self.noteBlock() }
                await self.close()
            }
            noteBlock()
            for await message in messages {
                await take(message)
                while let piece = queue.next() {
                    group.addTask { await self.inbox.yield(self.carryOut(piece)) }
                }
                if Task.isCancelled { break }
            }
            queue.stopAll()
            group.cancelAll()
        }
        for reader in readers.values { reader.finish() }
        readers = [:]
    }

    private func noteBlock() {
        guard !blockPending else { return }
        blockPending = true
        inbox.yield(.block)
    }

    private func close() { inbox.finish() }

    private func take(_ message: Message) async {
        switch message {
        case .block:
            blockPending = false
            let (height, jobs) = await rounds.jobs(following: machines.keys.sorted())
            await releaseFormer(jobs)
            for view in jobs {
                machines[view.job] = machines[view.job] ?? TrainingRoundMachine(account: account, key: key)
                await step(view.job, .block(height: height, view))
            }
        case .result(let job, let input):
            queue.finished()
            await step(job, input)
        case .finished: queue.finished()
        }
    }

    /// Rounds may have ended while this node was down.
    private func releaseFormer(_ jobs: [JobView]) async {
        guard !hasStarted else { return }
        hasStarted = true
        await blobs.release(allBut: jobs.filter { $0.phase != .finished }.map(\.attempt))
    }

    private func step(_ job: Digest, _ input: TrainingRoundMachine.Input) async {
        guard var machine = machines[job] else { return }
        let effects = machine.step(input)
        machines[job] = machine.isDone ? nil : machine
        for effect in effects { await perform(effect, for: job) }
    }

    private func perform(_ effect: TrainingRoundMachine.Effect, for job: Digest) async {
        switch effect {
        case .report(let event): report(event)
        case .submit(let operation): await submit(operation)
        case .cancel(let id):
            queue.cancel(id)
            await work.discard(id)
        case .evaluate where !settings.evaluates: break
        case .fetch, .evaluate, .train, .check, .aggregate: queue.add(effect, for: job)
        }
    }

    private func submit(_ operation: Operation) async {
        var operation = operation
        if case .verdict(let verdict) = operation, let witness { operation = .verdict(witness.distort(verdict)) }
        do { try await rounds.submit(operation) } catch {
            // The machine sends it again when the ledger does not show it.
            logger.info("operation not taken", metadata: ["operation": "\(operation.name)", "error": "\(error)"])
        }
    }

    private func report(_ event: FederationEvent) {
        for reader in readers.keys.sorted() {
            if case .terminated? = readers[reader]?.yield(event) { readers[reader] = nil }
        }
    }

    // MARK: Work

    private nonisolated func carryOut(_ piece: WorkQueue.Piece) async -> Message {
        do { return try await result(of: piece).map { .result(job: piece.job, $0) } ?? .finished } catch {
            if let id = piece.effect.round, !piece.stop.isSet {
                await report(.troubled(id, reason: "\(error)"))
            }
            return piece.effect.failure.map { .result(job: piece.job, $0) } ?? .finished
        }
    }

    private nonisolated func result(of piece: WorkQueue.Piece) async throws -> TrainingRoundMachine.Input? {
        switch piece.effect {
        case .fetch(let digest, let holders):
            let limit = MLP.parameterLimit * 4
            return .fetched(digest, await blobs.get(digest, from: holders, limit: limit) != nil)
        case .train(let order):
            let receipt = try await work.train(order, stop: piece.stop, forge: forger) { done, total in
                await self.report(.trainingProgress(order.base.id, done: done, total: total))
            }
            return .trained(order.base.id, receipt)
        case .check(let order):
            if witness?.isBlind == true { return .checked(order, .passed) }
            return .checked(order, try await work.check(order, stop: piece.stop))
        case .aggregate(let order): return .aggregated(order.base.id, try await work.aggregate(order))
        case .evaluate(let base, let rounds):
            let found = try await work.evaluate(base)
            await report(
                .evaluated(
                    job: base.id.job, rounds: rounds, model: base.model, correct: found.correct, total: found.total))
            return nil
        case .submit, .cancel, .report: return nil
        }
    }
}
