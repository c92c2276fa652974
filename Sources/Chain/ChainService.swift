package import Consensus
package import Keys
package import Ledger
package import Logging
internal import ServiceLifecycle
package import Store
internal import Synchronization
internal import Wire

/// The last block and the state after it.
package struct ChainHead: Sendable {
    package let height: UInt64
    package let blockID: Digest
    /// Milliseconds since 1970.
    package let time: UInt64
    package let state: State
}

/// Runs one node's chain: the only place where ``ValidatorMachine`` meets disk, network and clock.
///
/// Inputs are processed one at a time, and the disk's part of their effects before anything else: a message of ours leaves when it
/// is durable. No state changes across an `await`.
package actor ChainService: Service {
    /// Callers that may wait for their turn; more are turned away. 1,024 transactions are about 0.1 s of signature checks.
    static let waitingLimit = 1_024
    /// Messages on their way to the network; when it is slower than that, the oldest are dropped and said again later.
    static let outboxLimit = 4_096
    /// Blocks that a subscriber may lag behind before it misses some: at one a second, a quarter of an hour.
    static let eventLimit = 1_024

    enum Work: Sendable {
        case timer(ChainTimer, after: UInt64)
        case request([UInt8], to: PeerID, ticket: UInt64)
    }

    private var machine: ValidatorMachine
    private var storage: ChainStorage
    private let network: any ChainNetwork
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> UInt64
    private var logs: ChainLogs
    private let logger: Logger

    private let work: (stream: AsyncStream<Work>, continuation: AsyncStream<Work>.Continuation)
    private let outbox:
        (stream: AsyncStream<([UInt8], ChainTopic)>, continuation: AsyncStream<([UInt8], ChainTopic)>.Continuation)
    private let waiting = Mutex(0)
    private var subscribers: [Int: AsyncStream<BlockEvents>.Continuation] = [:]
    private var watchers: [Int: AsyncStream<UInt64>.Continuation] = [:]
    private var subscriptions = 0
    private var failure: (any Error)?

    /// Opens the stores, repairs them, and restores the node to where it was. Nothing is sent before ``run()``.
    /// - Parameters:
    ///   - account: the validator to sign for, with its node `key`; nil to follow only.
    ///   - configuration: nil for the intervals that the genesis states.
    ///   - now: milliseconds since 1970.
    package init(
        genesis: Genesis, referee: any DisputeReferee, account: AccountID?, key: SigningKey?, disk: any Disk,
        network: any ChainNetwork,
        configuration: ChainConfiguration? = nil, clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> UInt64 = WallClock.milliseconds, logger: Logger
    ) throws {
        storage = try ChainStorage(on: disk)
        machine = try storage.restore(
            genesis: genesis, referee: referee, account: account, key: key,
            configuration: configuration ?? ChainConfiguration(parameters: genesis.parameters))
        self.network = network
        self.clock = clock
        self.now = now
        self.logger = logger
        logs = ChainLogs(logger: logger)
        work = AsyncStream.makeStream(bufferingPolicy: .unbounded)
        outbox = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.outboxLimit))
    }

    /// Takes part in the chain until it is cancelled.
    /// - Throws: ``ChainError/stopped(_:)`` or the disk's error when the chain cannot go on.
    package func run() async throws {
        try await cancelWhenGracefulShutdown { try await self.work() }
    }

    private func work() async throws {
        logger.info("chain \(machine.head.chain) at height \(machine.head.height)")
        try await withThrowingDiscardingTaskGroup { group in
            let (network, clock, outbox) = (network, clock, outbox.stream)
            group.addTask { for await (message, topic) in outbox { await network.publish(message, on: topic) } }
            _ = handle(.start)
            for await item in work.stream {
                switch item {
                case .timer(let timer, let delay):
                    group.addTask {
                        do { try await clock.sleep(for: .milliseconds(delay)) } catch { return }
                        await self.fire(timer)
                    }
                case .request(let body, let peer, let ticket):
                    group.addTask {
                        let answer = try? await network.request(body, to: peer)
                        await self.answered(ticket, with: answer)
                    }
                }
                if failure != nil { break }
            }
            outboxFinish()
            group.cancelAll()
        }
        for subscriber in subscribers.values { subscriber.finish() }
        subscribers = [:]
        for watcher in watchers.values { watcher.finish() }
        watchers = [:]
        if let failure { throw failure }
    }

    // MARK: For the network

    /// Judges a message of a topic: whether it may be forwarded.
    package nonisolated func receive(
        _ message: [UInt8], on topic: ChainTopic, from peer: PeerID
    ) async -> ChainVerdict {
        guard enter() else { return .ignore }
        defer { leave() }
        return await take(message, on: topic, from: peer)
    }

    /// Answers a request of `/banyan/sync/1`.
    package func answer(_ request: [UInt8], from peer: PeerID) async -> [UInt8] {
        storage.answer(request, genesis: machine.head.genesis)
    }

    // MARK: For this node

    /// Hands a transaction to the network.
    /// - Returns: its id; it is in a block when the events say so.
    /// - Throws: ``Mempool/Refusal``, or ``ChainError/stopped(_:)``.
    package nonisolated func submit(_ transaction: Transaction) async throws -> Digest {
        guard enter() else { throw Mempool.Refusal.full }
        defer { leave() }
        return try await take(transaction)
    }

    /// The nonce for the key's next transaction, counting those that wait.
    package func nextNonce(of signer: PublicKey) async -> UInt64 {
        machine.mempool.nextNonce(of: signer, state: machine.head.state)
    }

    package var head: ChainHead {
        ChainHead(
            height: machine.head.height, blockID: machine.head.lastBlock, time: machine.head.lastTime,
            state: machine.head.state)
    }

    /// The name that is in every signature of this chain.
    package var chain: ChainID { machine.head.chain }
    /// Whether this node signs at the next height.
    package var isValidator: Bool { machine.isValidator }
    /// The validators of the next height.
    package var validators: ValidatorSet { machine.head.validators }
    /// How many transactions wait.
    package var pendingCount: Int { machine.mempool.count }
    /// A transaction that waits; nil when it does not.
    package func pending(_ id: Digest) -> Transaction? { machine.mempool.transaction(id) }
    /// How many lines of each kind there were, written or not.
    package var logCounts: [ChainLog.Kind: UInt64] { logs.counts }

    /// The decided block at a height; nil when this node does not have it.
    package func block(at height: UInt64) async throws -> DecidedBlock? { try storage.block(at: height) }

    /// Decided blocks in order of height, at most 256.
    package func blocks(from height: UInt64, limit: Int) async throws -> [DecidedBlock] {
        var blocks: [DecidedBlock] = []
        var next = height
        while blocks.count < min(limit, SyncAnswer.blockLimit), let block = try storage.block(at: next) {
            blocks.append(block)
            next += 1
        }
        return blocks
    }

    /// Every block from now on. A reader that lags more than ``eventLimit`` blocks behind misses the oldest.
    package func events() -> AsyncStream<BlockEvents> {
        let (stream, continuation) = AsyncStream<BlockEvents>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.eventLimit))
        let number = subscriptions
        subscriptions += 1
        subscribers[number] = continuation
        return stream
    }

    /// The height of every block from now on; a reader that lags sees the newest only.
    package func heights() -> AsyncStream<UInt64> {
        let (stream, continuation) = AsyncStream<UInt64>.makeStream(bufferingPolicy: .bufferingNewest(1))
        watchers[subscriptions] = continuation
        subscriptions += 1
        return stream
    }

    /// A proof of an entry of the state before the last block, which the last header commits to.
    /// - Returns: nil before the first block.
    package func proof(of key: StateKey) async -> AccountProofBundle? { machine.proof(of: key) }

    // MARK: Inside

    private func take(_ message: [UInt8], on topic: ChainTopic, from peer: PeerID) -> ChainVerdict {
        for reply in handle(.message(message, on: topic, from: peer)) {
            if case .verdict(let verdict) = reply { return verdict }
        }
        return .ignore
    }

    private func take(_ transaction: Transaction) throws -> Digest {
        for reply in handle(.submit(transaction)) {
            switch reply {
            case .admitted(let id): return id
            case .refused(let refusal): throw refusal
            default: continue
            }
        }
        throw ChainError.stopped("no transactions are taken any more")
    }

    private func fire(_ timer: ChainTimer) async {
        if timer == .sync {
            let peers = await network.peers()
            _ = handle(.peers(peers))
        }
        _ = handle(.timer(timer))
    }

    private func answered(_ ticket: UInt64, with bytes: [UInt8]?) {
        _ = handle(.syncAnswer(ticket: ticket, bytes.flatMap { $0.count <= SyncAnswer.byteLimit ? $0 : nil }))
    }

    /// Processes one input to its end.
    /// - Returns: the effects that answer the caller.
    private func handle(_ input: ValidatorMachine.Input) -> [ValidatorMachine.Effect] {
        guard failure == nil else { return [] }
        var replies: [ValidatorMachine.Effect] = []
        for effect in machine.step(input, at: now()) {
            do {
                if try storage.perform(effect) { continue }
            } catch {
                // What was to follow is not sent: it may not be durable.
                stop(error)
                return []
            }
            switch effect {
            case .verdict, .admitted, .refused: replies.append(effect)
            case .publish(let message, let topic): outbox.continuation.yield((message, topic))
            case .request(let body, let peer, let ticket):
                work.continuation.yield(.request(body, to: peer, ticket: ticket))
            case .schedule(let timer, let delay): work.continuation.yield(.timer(timer, after: delay))
            case .committed(let events): announce(events)
            case .log(let line): logs.write(line, at: now())
            case .halt(let reason): stop(ChainError.stopped(reason))
            case .journal, .syncJournal, .restartJournal, .store, .snapshot: break
            }
        }
        return replies
    }

    private func announce(_ events: BlockEvents) {
        for (number, subscriber) in subscribers {
            if case .terminated = subscriber.yield(events) { subscribers[number] = nil }
        }
        for (number, watcher) in watchers {
            if case .terminated = watcher.yield(events.height) { watchers[number] = nil }
        }
    }

    private func stop(_ error: any Error) {
        logger.critical("the chain stops: \(error)")
        failure = error
        work.continuation.finish()
    }

    private func outboxFinish() { outbox.continuation.finish() }

    private nonisolated func enter() -> Bool {
        waiting.withLock { count in
            guard count < Self.waitingLimit else { return false }
            count += 1
            return true
        }
    }

    private nonisolated func leave() { waiting.withLock { $0 -= 1 } }
}

extension ValidatorMachine {
    /// A proof of an entry of the state before the last block; nil before the first block.
    package func proof(of key: StateKey) -> AccountProofBundle? {
        guard let state = provenState, let header = headHeader, let commit = headCommit, let set = head.lastValidators
        else {
            return nil
        }
        return AccountProofBundle(
            proof: state.prove(key), header: header, commit: commit, validators: set)
    }
}
