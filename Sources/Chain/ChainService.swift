package import Keys
package import Ledger
package import Logging
internal import ServiceLifecycle
package import Store
internal import Wire

/// Runs one node's chain: the only place where ``ValidatorMachine`` meets disk, network and clock.
///
/// Inputs are processed one at a time, and the disk's part of their effects before anything else: a message of ours leaves when it
/// is durable. No state changes across an `await`. When the disk takes no writes, what is to be done waits (``DiskOutage``) until it does.
package actor ChainService: Service {
    var machine: ValidatorMachine
    var storage: ChainStorage
    private let network: any ChainNetwork
    private let now: @Sendable () -> UInt64
    var logs: ChainLogs
    private let logger: Logger

    private let errands: ChainErrands
    /// 1,024 transactions are about 0.1 s of signature checks.
    private let callers = CallerGate(limit: 1_024)
    var audience = BlockAudience()
    private var failure: (any Error)?
    var outage: DiskOutage?
    /// The last state that is on the disk; what others are told of.
    var durableHead: ChainState

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
        durableHead = machine.head
        self.network = network
        self.now = now
        self.logger = logger
        logs = ChainLogs(logger: logger)
        errands = ChainErrands(network: network, clock: clock)
    }

    /// Takes part in the chain until it is cancelled.
    /// - Throws: ``ChainError/stopped(_:)`` or the disk's error when the chain cannot go on.
    package func run() async throws {
        try await cancelWhenGracefulShutdown { try await self.work() }
    }

    private func work() async throws {
        logger.info("chain \(machine.head.chain) at height \(machine.head.height)")
        _ = handle(.start)
        await errands.run { await self.hear($0) }
        audience.dismiss()
        if let failure { throw failure }
    }

    // MARK: For the network

    /// Judges a message of a topic: whether it may be forwarded.
    package nonisolated func receive(
        _ message: [UInt8], on topic: ChainTopic, from peer: PeerID
    ) async -> ChainVerdict {
        guard callers.enter() else { return .ignore }
        defer { callers.leave() }
        return await take(message, on: topic, from: peer)
    }

    /// Answers a request of `/banyan/sync/1`.
    package func answer(_ request: [UInt8], from peer: PeerID) async -> [UInt8] {
        storage.answer(request, genesis: machine.head.genesis)
    }

    // MARK: For this node

    /// Hands a transaction to the network.
    /// - Returns: its id; it is in a block when the events say so.
    /// - Throws: ``Mempool/Refusal``, ``ChainError/waiting(_:)``, or ``ChainError/stopped(_:)``.
    package nonisolated func submit(_ transaction: Transaction) async throws -> Digest {
        guard callers.enter() else { throw Mempool.Refusal.full }
        defer { callers.leave() }
        return try await take(transaction)
    }

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
        if let outage { throw ChainError.waiting(outage.trouble) }
        throw ChainError.stopped("no transactions are taken any more")
    }

    private func hear(_ outcome: ChainErrands.Outcome) async {
        switch outcome {
        case .rang(let timer):
            if timer == .sync {
                let peers = await network.peers()
                _ = handle(.peers(peers))
            }
            _ = handle(.timer(timer))
        case .answered(let ticket, let bytes): _ = handle(.syncAnswer(ticket: ticket, bytes))
        case .diskMayWrite: tryDiskAgain()
        }
    }

    /// Processes one input to its end, or as far as the disk goes.
    /// - Returns: the effects that answer the caller.
    private func handle(_ input: ValidatorMachine.Input) -> [ValidatorMachine.Effect] {
        guard failure == nil else { return [] }
        if outage != nil { return outage?.postpone(input) ?? [] }
        let (replies, stuck) = perform(machine.step(input, at: now()))
        if let (error, rest) = stuck {
            let begun = DiskOutage(error, rest, since: now(), pauses: machine.configuration.diskPauses)
            logger.error("\(begun.trouble.detail) \(error.remedy ?? "")")
            outage = begun
            errands.start(.waitForDisk(begun.pause))
        } else {
            durableHead = machine.head
        }
        return replies
    }

    /// Takes up the work where the disk failed.
    private func tryDiskAgain() {
        guard failure == nil, var waiting = outage else { return }
        let (_, stuck) = perform(waiting.effects)
        guard failure == nil else { return }
        if let (error, rest) = stuck {
            waiting.failedAgain(error, rest)
            outage = waiting
            errands.start(.waitForDisk(waiting.pause))
            return
        }
        outage = nil
        durableHead = machine.head
        logger.notice("the disk takes writes again: the chain goes on after \((now() &- waiting.since) / 1_000) s")
        for input in waiting.inputs { _ = handle(input) }
    }

    /// Performs effects in their order.
    /// - Returns: what answers the caller; and the effects from the first on that the disk did not take, when that may pass.
    private func perform(
        _ effects: [ValidatorMachine.Effect]
    ) -> (replies: [ValidatorMachine.Effect], stuck: (StoreError, [ValidatorMachine.Effect])?) {
        var replies: [ValidatorMachine.Effect] = []
        for (index, effect) in effects.enumerated() {
            do throws(StoreError) {
                if try storage.perform(effect) { continue }
            } catch {
                if error.mayPass {
                    guard case .snapshot = effect else { return (replies, (error, Array(effects[index...]))) }
                    // Without it the next start takes longer, and that is all.
                    logger.warning("no snapshot of height \(machine.head.height): \(error)")
                    continue
                }
                // What was to follow is not sent: it may not be durable.
                stop(error)
                return ([], nil)
            }
            switch effect {
            case .verdict, .admitted, .refused: replies.append(effect)
            case .publish(let message, let topic): errands.publish(message, on: topic)
            case .request(let body, let peer, let ticket): errands.start(.request(body, to: peer, ticket: ticket))
            case .schedule(let timer, let delay): errands.start(.timer(timer, after: delay))
            case .committed(let events): audience.tell(events)
            case .log(let line): logs.write(line, at: now())
            case .halt(let reason): stop(ChainError.stopped(reason))
            case .journal, .syncJournal, .restartJournal, .store, .snapshot: break
            }
        }
        return (replies, nil)
    }

    private func stop(_ error: any Error) {
        logger.critical("the chain stops: \(error)")
        failure = error
        errands.end()
    }
}
