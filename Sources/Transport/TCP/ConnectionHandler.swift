internal import Keys
internal import NIOCore
internal import Wire

/// Drives one TCP connection on its event loop: the upgrade first, then the channel under a ``YamuxConnection``.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let isOutbound: Bool
    private let path: Multiaddress
    private let limits: TransportLimits
    private let latest: NIODeadline
    /// Nil once it is fulfilled: it would keep the connection, which keeps this handler.
    private var established: EventLoopPromise<YamuxConnection>?

    private var context: ChannelHandlerContext?
    private var upgrade: ConnectionUpgrade?
    private var connection: YamuxConnection?
    private var sealer: NoiseSealer?
    private var opener: NoiseOpener?
    private var timer: Scheduled<Void>?
    private var keepAlive: RepeatedTask?
    private var handshakeReceived = 0
    private var handshakeSent = 0
    private var isOver = false

    /// - Parameters:
    ///   - path: the address that was dialled or accepted; the connection shows the one the socket has.
    ///   - latest: when the handshake must be over, at the latest.
    ///   - established: succeeds with the connection, or fails with a ``TransportError``; exactly once.
    init(
        key: SigningKey, isOutbound: Bool, expected: PeerID?, path: Multiaddress, limits: TransportLimits,
        latest: NIODeadline, established: EventLoopPromise<YamuxConnection>
    ) {
        self.isOutbound = isOutbound
        self.path = path
        self.limits = limits
        self.latest = latest
        self.established = established
        upgrade = ConnectionUpgrade(key: key, isInitiator: isOutbound, expected: expected)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard !isOver else { return }
        if upgrade != nil {
            receiveHandshake(Array(buffer.readableBytesView), context)
        } else if let connection {
            connection.count(received: buffer.readableBytes)
            let outcome = unsafe buffer.withUnsafeReadableBytes { bytes -> Result<[UInt8], NoiseError> in
                do throws(NoiseError) {
                    return .success(unsafe try opener?.open(bytes) ?? [])
                } catch { return .failure(error) }
            }
            switch outcome {
            case .success(let text): connection.received(text)
            case .failure(let error): connection.end("the channel is not authentic: \(error)")
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.connectionClosed("the peer closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.unreachable("\(error)"))
        context.close(promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        fail(.connectionClosed("the connection was closed"))
        self.context = nil
    }

    // MARK: - Handshake

    private func begin(_ context: ChannelHandlerContext) {
        guard timer == nil, !isOver else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let deadline = min(latest, .now() + TimeAmount(limits.handshakeDeadline))
        timer = context.eventLoop.scheduleTask(deadline: deadline) {
            bound.value.fail(.deadlineExceeded("the handshake"))
        }
        advance(context) { upgrade throws(ConnectionUpgrade.Failure) in try upgrade.start() }
    }

    private func receiveHandshake(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        handshakeReceived += bytes.count
        advance(context) { upgrade throws(ConnectionUpgrade.Failure) in try upgrade.receive(bytes) }
    }

    /// Takes the next step of the upgrade, sends what it says, and begins the connection behind the last.
    private func advance(
        _ context: ChannelHandlerContext,
        _ step: (inout ConnectionUpgrade) throws(ConnectionUpgrade.Failure) -> [UInt8]
    ) {
        guard var upgrade else { return }
        do throws(ConnectionUpgrade.Failure) {
            let reply = try step(&upgrade)
            self.upgrade = upgrade
            if !reply.isEmpty { send(reply, context) }
        } catch {
            if case .noise(.wrongPeer(let expected, let found)) = error {
                fail(.wrongPeer(expected: expected, found: found))
            } else {
                fail(.handshakeFailed("\(error)"))
            }
            return
        }
        guard let result = self.upgrade?.result else { return }  // None when sending has ended the connection.
        self.upgrade = nil
        timer?.cancel()
        establish(result, context)
    }

    private func establish(_ result: ConnectionUpgrade.Result, _ context: ChannelHandlerContext) {
        sealer = result.sealer
        opener = result.opener
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        let link = YamuxConnection.Link(
            wake: { eventLoop.execute { bound.value.flush() } },
            close: { eventLoop.execute { bound.value.finish() } })
        let connection = YamuxConnection(
            remotePeer: result.peer, remoteAddress: context.remoteAddress?.multiaddress ?? path, isOutbound: isOutbound,
            limits: limits, link: link)
        connection.count(received: handshakeReceived, sent: handshakeSent)
        self.connection = connection
        established?.succeed(connection)
        established = nil
        connection.received(result.leftover)
        keepAlive = eventLoop.scheduleRepeatedTask(
            initialDelay: .zero, delay: TimeAmount(limits.keepAliveInterval)
        ) { [limits, weak connection] _ in
            connection?.ping()
            eventLoop.scheduleTask(in: TimeAmount(limits.keepAliveDeadline)) { connection?.checkAlive() }
        }
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        handshakeSent += bytes.count
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    // MARK: - Channel

    /// Sends what the connection has queued.
    private func flush() {
        guard let connection, let context, !isOver else { return }
        let frames = connection.takeOutput()
        guard !frames.isEmpty else { return }
        write(frames, of: connection, context)
    }

    private func write(_ frames: [UInt8], of connection: YamuxConnection, _ context: ChannelHandlerContext) {
        let count = NoiseSealer.sealedCount(frames.count)
        var buffer = context.channel.allocator.buffer(capacity: count)
        var failure: NoiseError?
        unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { output in
            do throws(NoiseError) { unsafe try sealer?.seal(frames, into: output) } catch { failure = error }
            return count
        }
        if let failure { return connection.end("the channel is used up: \(failure)") }
        connection.count(sent: count)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { _ in connection.sent(frames.count) }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
    }

    /// Sends the last frames and closes. What the system does not take at once is lost.
    private func finish() {
        guard !isOver, let connection, let context else { return }
        isOver = true
        keepAlive?.cancel()
        let frames = connection.takeOutput()
        if !frames.isEmpty { write(frames, of: connection, context) }
        self.connection = nil  // The connection holds this handler through its link.
        context.close(promise: nil)
    }

    /// Ends what was begun, whichever stage it is in; only the first call counts.
    private func fail(_ error: TransportError) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        keepAlive?.cancel()
        upgrade = nil
        if let connection {
            connection.end(error.reason)
            self.connection = nil
        } else {
            established?.fail(error)
            established = nil
        }
        context?.close(promise: nil)
    }
}

extension TransportError {
    /// The text inside, for an error that becomes the reason of an ended connection.
    fileprivate var reason: String {
        switch self {
        case .connectionClosed(let reason), .unreachable(let reason): reason
        default: "\(self)"
        }
    }
}
