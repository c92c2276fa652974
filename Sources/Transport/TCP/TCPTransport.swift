package import Keys
package import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization
package import Wire

/// libp2p over TCP: multistream-select, Noise, yamux.
///
/// ``run()`` serves the streams that peers open, so it runs as long as the transport is used.
package final class TCPTransport: Sendable {
    private let key: SigningKey
    private let limits: TransportLimits
    private let delegate: any ConnectionDelegate
    private let logger: Logger
    private let group: MultiThreadedEventLoopGroup = .singleton
    private let state: Mutex<State>
    private let upgraded: AsyncStream<YamuxConnection>
    private let upgradedContinuation: AsyncStream<YamuxConnection>.Continuation
    private let start = ContinuousClock.now

    private struct State {
        var limiter: AcceptLimiter
        var refusals = Refusals()
        var listeners: [any Channel] = []
        /// Accepted and not authenticated, in the order of arrival.
        var transient: [any Channel] = []
        var connections: [YamuxConnection] = []
        var inbound = 0
        var isShutDown = false
    }

    package init(key: SigningKey, limits: TransportLimits, delegate: any ConnectionDelegate, logger: Logger) {
        self.key = key
        self.limits = limits
        self.delegate = delegate
        self.logger = logger
        state = Mutex(State(limiter: AcceptLimiter(burst: limits.acceptBurst, perSecond: limits.acceptsPerSecond)))
        (upgraded, upgradedContinuation) = AsyncStream.makeStream()
    }

    /// Serves connections until ``shutdown()`` or cancellation; then everything is closed.
    package func run() async throws {
        await withDiscardingTaskGroup { tasks in
            for await connection in upgraded {
                tasks.addTask { await self.serve(connection) }
            }
            tasks.cancelAll()
        }
        await shutdown()
    }

    /// Closes every listener and connection. The transport is then of no further use.
    package func shutdown() async {
        let (listeners, transient, connections) = state.withLock { state in
            state.isShutDown = true
            defer {
                state.listeners = []
                state.transient = []
            }
            return (state.listeners, state.transient, state.connections)
        }
        for connection in connections { connection.end("this node is shutting down") }
        for channel in transient { channel.close(promise: nil) }
        upgradedContinuation.finish()
        for channel in listeners { try? await channel.close().get() }
    }

    private func serve(_ connection: YamuxConnection) async {
        if !connection.isOutbound {
            guard await delegate.accepted(connection) else { return connection.end("not wanted here") }
        }
        await connection.serve(delegate, negotiationDeadline: limits.negotiationDeadline, logger: logger)
    }

    // MARK: - Listening

    /// Listens on `/ip4/…/tcp/…` or `/ip6/…/tcp/…`; port 0 takes a free one.
    /// - Returns: the bound addresses; one for each network interface when the host is 0.0.0.0 or ::.
    package func listen(on address: Multiaddress) async throws -> [Multiaddress] {
        let path = address.withoutPeer
        guard path.components.count == 2, let host = path.host, let port = path.tcpPort,
            path.components[0].kind == .ip4 || path.components[0].kind == .ip6
        else { throw TransportError.unsupportedAddress(address) }
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.recvAllocator, value: Self.receiveAllocator)
            .childChannelInitializer { self.accept($0) }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(host: host, port: Int(port)).get()
        } catch {
            throw TransportError.unreachable("cannot listen on \(path): \(error)")
        }
        let isShutDown = state.withLock { state in
            if !state.isShutDown { state.listeners.append(channel) }
            return state.isShutDown
        }
        if isShutDown {
            try? await channel.close().get()
            throw TransportError.shutDown
        }
        guard let bound = channel.localAddress?.multiaddress else { throw TransportError.unsupportedAddress(address) }
        return try bound.onInterfaces()
    }

    /// Large reads cost fewer turns of the event loop; the buffer shrinks on a quiet connection.
    private static let receiveAllocator = AdaptiveRecvByteBufferAllocator(
        minimum: 1024, initial: 16 << 10, maximum: 256 << 10)

    /// Admits a fresh connection or closes it.
    private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let remote = channel.remoteAddress, let address = remote.multiaddress, let source = remote.ipBytes else {
            return channel.close()
        }
        let now = start.duration(to: .now)
        let (isAdmitted, evicted) = state.withLock { state -> (Bool, (any Channel)?) in
            guard !state.isShutDown, state.limiter.admit(source, at: now) else { return (false, nil) }
            state.transient.append(channel)
            return (true, state.transient.count > limits.transientConnections ? state.transient.removeFirst() : nil)
        }
        if let evicted {
            evicted.close(promise: nil)
            refused(.crowded, evicted.remoteAddress?.multiaddress ?? address)
        }
        guard isAdmitted else {
            refused(.tooFast, address)
            return channel.close()
        }
        let promise = channel.eventLoop.makePromise(of: YamuxConnection.self)
        promise.futureResult.whenComplete { outcome in self.finishedHandshake(channel, address, outcome) }
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
                ConnectionHandler(
                    key: key, isOutbound: false, expected: nil, path: address, limits: limits,
                    latest: .distantFuture, established: promise))
        }
    }

    private func finishedHandshake(
        _ channel: any Channel, _ address: Multiaddress, _ outcome: Result<YamuxConnection, any Error>
    ) {
        state.withLock { state in state.transient.removeAll { $0 === channel } }
        switch outcome {
        case .success(let connection):
            guard !register(connection, channel) else { return }
            connection.end("no room for another connection")
            refused(.full, address)
        case .failure(let error): refused(.handshake, address, error)
        }
    }

    private func refused(_ reason: Refusals.Reason, _ address: Multiaddress, _ error: (any Error)? = nil) {
        let now = start.duration(to: .now)
        guard let count = state.withLock({ $0.isShutDown ? nil : $0.refusals.note(reason, at: now) }) else { return }
        var metadata: Logger.Metadata = ["address": "\(address)", "count": "\(count)"]
        if let error { metadata["error"] = "\(error)" }
        logger.notice("refused a connection: \(reason.rawValue)", metadata: metadata)
    }

    /// - Returns: false when there is no room for it.
    private func register(_ connection: YamuxConnection, _ channel: any Channel) -> Bool {
        let isAdmitted = state.withLock { state in
            guard !state.isShutDown, connection.isOutbound || state.inbound < limits.inboundConnections else {
                return false
            }
            if !connection.isOutbound { state.inbound += 1 }
            state.connections.append(connection)
            return true
        }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { state in
                state.connections.removeAll { $0 === connection }
                if !connection.isOutbound { state.inbound -= 1 }
            }
        }
        upgradedContinuation.yield(connection)
        return true
    }

    // MARK: - Dialling

    /// Dials `/ip4|ip6|dns|dns4|dns6/…/tcp/…`, with the peer that must answer as `/p2p/…` at the end when it is known.
    package func dial(_ address: Multiaddress, deadline: Duration) async throws -> any Connection {
        let path = address.withoutPeer
        guard path.components.count == 2, let host = path.host, let port = path.tcpPort,
            address == path || address.peer != nil
        else { throw TransportError.unsupportedAddress(address) }
        guard !state.withLock({ $0.isShutDown }) else { throw TransportError.shutDown }
        let attempt = DialAttempt()
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            let latest = NIODeadline.now() + TimeAmount(deadline)
            let bootstrap = ClientBootstrap(group: group)
                .connectTimeout(TimeAmount(deadline))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.recvAllocator, value: Self.receiveAllocator)
                .channelInitializer { channel in
                    let promise = channel.eventLoop.makePromise(of: YamuxConnection.self)
                    attempt.begin(channel, promise.futureResult)
                    return channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            ConnectionHandler(
                                key: self.key, isOutbound: true, expected: address.peer, path: path,
                                limits: self.limits, latest: latest, established: promise))
                    }
                }
            let channel = try await connect(bootstrap, host, Int(port))
            guard let handshake = attempt.handshake(of: channel) else { throw CancellationError() }
            let connection = try await handshake.get()
            guard register(connection, channel) else {
                connection.end("this node is shutting down")
                throw TransportError.shutDown
            }
            return connection
        } onCancel: {
            attempt.cancel()
        }
    }

    private func connect(_ bootstrap: ClientBootstrap, _ host: String, _ port: Int) async throws -> any Channel {
        do {
            return try await bootstrap.connect(host: host, port: port).get()
        } catch ChannelError.connectTimeout {
            throw TransportError.deadlineExceeded("connecting to \(host) port \(port)")
        } catch {
            try Task.checkCancellation()
            throw TransportError.unreachable("\(error)")
        }
    }
}
