package import Keys
package import Logging
internal import ServiceLifecycle
internal import Synchronization
package import Transport
package import Wire

/// One node's place in the network: who is connected, how others are reached, and what is answered.
///
/// Decisions are in values (``PeerTable``, ``StreamLimiter``, ``MDNSMachine``); this class only carries them out.
package final class SwarmService: Service {
    /// Things to do in child tasks of ``run()``. At most a few a connection, so the queue is bounded by their number.
    enum Job: Sendable {
        case watch(PeerTable.ConnectionID, any Connection)
        case identify(any Connection)
        case ping(PeerID)
        case push
        case exchange(PeerID)
        case dial(SwarmState.DialTarget)
    }

    package let peer: PeerID
    package let configuration: SwarmConfiguration
    let key: SigningKey
    let logger: Logger
    let state: Mutex<SwarmState>
    let inbox: AsyncStream<Job>.Continuation
    private let jobs: AsyncStream<Job>
    private let start = ContinuousClock().now

    /// - Parameter transport: what connections are made with; it must not keep the delegate's owner alive.
    package init(
        key: SigningKey, configuration: SwarmConfiguration, logger: Logger,
        transport: (any ConnectionDelegate) -> any SwarmTransport
    ) {
        self.key = key
        peer = key.peer
        self.configuration = configuration
        self.logger = logger
        state = Mutex(SwarmState(limits: configuration.limits))
        (jobs, inbox) = AsyncStream.makeStream(of: Job.self)
        let transport = transport(SwarmDelegate(self))
        state.withLock { $0.transport = transport }
        handleBuiltIns()
    }

    /// A swarm over TCP with Noise and yamux.
    package convenience init(key: SigningKey, configuration: SwarmConfiguration, logger: Logger) {
        self.init(key: key, configuration: configuration, logger: logger) { delegate in
            TCPTransport(key: key, limits: configuration.transportLimits, delegate: delegate, logger: logger)
        }
    }

    /// Time since this value was made.
    var now: Duration { ContinuousClock().now - start }

    // MARK: What is answered

    /// Answers streams of `protocolID` with `body`; one that returns is closed, one that throws is reset.
    /// - Parameter perPeer: streams that one peer may have open, when less than the limit of all protocols.
    package func handle(
        _ protocolID: String, perPeer: Int? = nil, _ body: @escaping @Sendable (any MuxedStream) async throws -> Void
    ) {
        answer(protocolID, perPeer: perPeer) { stream, _ in try await body(stream) }
    }

    /// Answers one framed request of at most `requestLimit` bytes a stream with one framed answer.
    package func serve(
        _ protocolID: String, requestLimit: Int,
        _ answer: @escaping @Sendable ([UInt8], PeerID) async throws -> [UInt8]
    ) {
        let deadline = configuration.limits.serveDeadline
        handle(protocolID) { stream in
            try await withDeadline(deadline, "a request of \(protocolID)") {
                let frames = FramedStream(stream)
                guard let request = try await frames.readFrame(limit: requestLimit) else { return }
                try await frames.writeFrame(answer(request, stream.remotePeer))
            }
        }
    }

    /// Stops answering `protocolID`; open streams go on.
    package func removeHandler(_ protocolID: String) {
        state.withLock { $0.handlers[protocolID] = nil }
        announceChange()
    }

    /// The protocols this node answers, in their order as text.
    package var protocols: [String] { state.withLock { $0.handlers.keys.sorted() } }

    func answer(_ protocolID: String, perPeer: Int? = nil, _ body: @escaping SwarmState.Body) {
        state.withLock { $0.handlers[protocolID] = SwarmState.Handler(body: body, perPeer: perPeer) }
        announceChange()
    }

    // MARK: Who is there

    /// Peers with an open connection, in the order of their ids.
    package var connectedPeers: [PeerID] { get async { state.withLock { $0.table.connected } } }

    package func peers() async -> [PeerSummary] {
        state.withLock { state in
            state.table.connected.compactMap { peer in
                guard let entry = state.table[peer] else { return nil }
                let open = entry.connections.compactMap { state.connections[$0] }
                return PeerSummary(
                    id: peer, addresses: open.map(\.remoteAddress),
                    listenAddresses: entry.identity?.listenAddresses ?? [], agent: entry.identity?.agent,
                    protocolVersion: entry.identity?.protocolVersion, protocols: entry.identity?.protocols ?? [],
                    roundTrip: entry.roundTrip, isOutbound: open.first?.isOutbound ?? false, connections: open.count,
                    bytesReceived: open.reduce(0) { $0 &+ $1.bytesReceived },
                    bytesSent: open.reduce(0) { $0 &+ $1.bytesSent })
            }
        }
    }

    /// What went over the wire, over connections that are closed, too.
    package var traffic: Traffic {
        get async {
            state.withLock { state in
                state.connections.values.reduce(into: state.pastTraffic) { $0.add($1) }
            }
        }
    }

    /// Changes from now on. A subscriber that lags by more than 1,024 events loses the oldest: compare with
    /// ``connectedPeers`` now and then.
    package func events() -> AsyncStream<SwarmEvent> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1024)) { continuation in
            let isOver = state.withLock { state -> Bool in
                guard !state.isStopped else { return true }
                let number = state.number()
                state.subscribers[number] = continuation
                continuation.onTermination = { [weak self] _ in
                    self?.state.withLock { $0.subscribers[number] = nil }
                }
                return false
            }
            if isOver { continuation.finish() }
        }
    }

    // MARK: Running

    /// Binds the configured addresses; calling it again changes nothing. ``run()`` does it when nobody has.
    /// - Returns: the bound addresses with this peer at their end.
    @discardableResult
    package func listen() async throws -> [Multiaddress] {
        let (transport, bound) = state.withLock { ($0.transport, $0.bound) }
        guard bound == nil, let transport else { return listenAddresses }
        var addresses: [Multiaddress] = []
        for address in configuration.listen { addresses += try await transport.listen(on: address) }
        state.withLock { $0.bound = addresses }
        return listenAddresses
    }

    /// The bound addresses with this peer at their end.
    package var listenAddresses: [Multiaddress] {
        (state.withLock(\.bound) ?? []).compactMap { try? $0.with(peer) }
    }

    /// Works until graceful shutdown or cancellation, then closes every connection.
    package func run() async throws {
        guard let transport = state.withLock(\.transport) else { throw SwarmError.notRunning }
        defer { stop() }  // Also when it cannot listen: nobody may wait for what is not done any more.
        try await listen()
        try await withGracefulShutdownHandler {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await transport.run() }
                group.addTask { await self.keepPeers() }
                group.addTask { await self.keepPinging() }
                if let mdns = configuration.mdns {
                    group.addTask { await self.discover(with: mdns) }
                }
                for await job in jobs { group.addTask { await self.perform(job) } }
                stop()
                await transport.shutdown()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.inbox.finish()
        }
    }

    private func stop() {
        let (connections, subscribers, dials, questions, pings) = state.withLock { state in
            state.isStopped = true
            defer { (state.subscribers, state.dials, state.questions, state.pings) = ([:], [:], [:], [:]) }
            return (
                state.connections.values, state.subscribers.values, state.dials.values, state.questions.values,
                state.pings.values
            )
        }
        for dial in dials { dial.outcome.settle(.failure(SwarmError.notRunning)) }
        for question in questions { question.settle(.failure(SwarmError.notRunning)) }
        for ping in pings { ping.settle(.failure(SwarmError.notRunning)) }
        for connection in connections { connection.close() }
        for subscriber in subscribers { subscriber.finish() }
    }

    private func perform(_ job: Job) async {
        switch job {
        case .watch(let id, let connection): await watch(id, connection)
        case .identify(let connection): await identify(connection)
        case .ping(let peer): await carryOutPing(of: peer)
        case .push: await pushIdentity()
        case .exchange(let peer): await askForPeers(peer)
        case .dial(let target): await carryOut(target)
        }
    }
}
