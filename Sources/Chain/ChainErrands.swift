import Keys

/// What takes a chain time and changes nothing in it: timers, requests to peers, and messages on their way to the network. What comes of it
/// is told, one thing after the other or not, and decided elsewhere.
struct ChainErrands: Sendable {
    /// Messages on their way to the network; when it is slower than that, the oldest are dropped and said again later.
    private static let outboxLimit = 4_096

    /// Times are in milliseconds.
    enum Errand: Sendable {
        case timer(ChainTimer, after: UInt64)
        case request([UInt8], to: PeerID, ticket: UInt64)
        case waitForDisk(UInt64)
    }

    enum Outcome: Sendable {
        case rang(ChainTimer)
        /// Nil: no answer, or one that is too long to be one.
        case answered(ticket: UInt64, [UInt8]?)
        /// So much time is over that the disk may take writes again.
        case diskMayWrite
    }

    private let network: any ChainNetwork
    private let clock: any Clock<Duration>
    /// Not bounded by the stream but by its writer: the machine counts its requests and its timers.
    private let errands: (stream: AsyncStream<Errand>, continuation: AsyncStream<Errand>.Continuation)
    private let outbox:
        (stream: AsyncStream<([UInt8], ChainTopic)>, continuation: AsyncStream<([UInt8], ChainTopic)>.Continuation)

    init(network: any ChainNetwork, clock: any Clock<Duration>) {
        self.network = network
        self.clock = clock
        errands = AsyncStream.makeStream(bufferingPolicy: .unbounded)
        outbox = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.outboxLimit))
    }

    func start(_ errand: Errand) { errands.continuation.yield(errand) }
    func publish(_ message: [UInt8], on topic: ChainTopic) { outbox.continuation.yield((message, topic)) }

    /// ``run(_:)`` returns.
    func end() { errands.continuation.finish() }

    /// Runs errands, also those that were started before, until ``end()`` or cancellation; what is not done by then is given up.
    func run(_ tell: @escaping @Sendable (Outcome) async -> Void) async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await (message, topic) in outbox.stream { await network.publish(message, on: topic) }
            }
            for await errand in errands.stream {
                group.addTask { if let outcome = await carryOut(errand) { await tell(outcome) } }
            }
            outbox.continuation.finish()
            group.cancelAll()
        }
    }

    private func carryOut(_ errand: Errand) async -> Outcome? {
        switch errand {
        case .timer(let timer, let delay): return await wait(delay) ? .rang(timer) : nil
        case .waitForDisk(let delay): return await wait(delay) ? .diskMayWrite : nil
        case .request(let body, let peer, let ticket):
            let answer = try? await network.request(body, to: peer)
            return .answered(ticket: ticket, answer.flatMap { $0.count <= SyncAnswer.byteLimit ? $0 : nil })
        }
    }

    /// - Returns: false when it was cancelled.
    private func wait(_ milliseconds: UInt64) async -> Bool {
        do { try await clock.sleep(for: .milliseconds(milliseconds)) } catch { return false }
        return true
    }
}
