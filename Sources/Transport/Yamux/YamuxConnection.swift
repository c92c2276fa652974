package import Keys
internal import Synchronization
package import Wire

/// The awaiting side of a ``YamuxSession``: streams that tasks read and write, over any link that moves bytes.
///
/// The link gives it what arrives, and takes what is to be sent when it is woken. The class decides nothing about
/// encryption or sockets, so that TCP, relays and memory share it.
package final class YamuxConnection: Connection {
    /// What moves the bytes. Both calls return at once and may come from any thread.
    package struct Link: Sendable {
        /// Output waits; call ``YamuxConnection/takeOutput()`` soon.
        let wake: @Sendable () -> Void
        /// Send what is left, then close.
        let close: @Sendable () -> Void

        package init(wake: @escaping @Sendable () -> Void, close: @escaping @Sendable () -> Void) {
            self.wake = wake
            self.close = close
        }
    }

    /// A stream whose object is yet to be made.
    struct Opened: Sendable {
        let id: UInt32
        let readable: ChangeSignal
        let writable: ChangeSignal
    }

    /// Bytes queued here and in the link from which on writers wait: a few times what a fast link moves per wake-up.
    static let outputLimit = 1 << 20
    /// Bytes given to the link at a time that it has not sent yet.
    static let linkLimit = 512 << 10
    /// Queued bytes above which the peer obviously floods us with frames that need answers, and does not read them.
    static let floodLimit = 4 << 20

    package let remotePeer: PeerID
    package let remoteAddress: Multiaddress
    package let isOutbound: Bool
    /// Streams that the peer opened, in their order.
    let inbound: AsyncStream<Opened>
    let inboundContinuation: AsyncStream<Opened>.Continuation
    let state: Mutex<State>
    private let ended = ChangeSignal()
    let link: Link
    let limits: TransportLimits
    private let start = ContinuousClock.now

    package init(
        remotePeer: PeerID, remoteAddress: Multiaddress, isOutbound: Bool, limits: TransportLimits, link: Link
    ) {
        self.remotePeer = remotePeer
        self.remoteAddress = remoteAddress
        self.isOutbound = isOutbound
        self.limits = limits
        self.link = link
        var bounds = YamuxSession.Limits()
        bounds.inboundStreams = limits.inboundStreams
        bounds.outboundStreams = limits.outboundStreams
        bounds.receiveBudget = limits.receiveBudget
        bounds.largestWindow = limits.largestWindow
        state = Mutex(State(session: YamuxSession(role: isOutbound ? .client : .server, limits: bounds)))
        (inbound, inboundContinuation) = AsyncStream.makeStream()
    }

    package var bytesReceived: UInt64 { state.withLock { $0.received } }
    package var bytesSent: UInt64 { state.withLock { $0.sent } }
    package var roundTrip: Duration? { state.withLock { $0.session.roundTrip } }
    var now: Duration { start.duration(to: .now) }

    // MARK: - For services

    package func open(_ protocols: [String], deadline: Duration) async throws -> any MuxedStream {
        guard !protocols.isEmpty else { throw TransportError.protocolsRefused([]) }
        return try await withDeadline(deadline, "opening a stream to \(remotePeer)") {
            try await self.openRaw().propose(protocols)
        }
    }

    package func open(known protocolID: String, deadline: Duration) async throws -> any MuxedStream {
        try await withDeadline(deadline, "opening a stream to \(remotePeer)") {
            try await ProposedStream(try await self.openRaw(), protocolID: protocolID)
        }
    }

    package func close() { end("closed here") }

    package func closed() async {
        while true {
            let seen = ended.generation
            if state.withLock({ $0.end != nil }) { return }
            do { try await ended.wait(after: seen) } catch { return }
        }
    }

    /// Why the connection ended; nil while it lives.
    package var endReason: String? { state.withLock { $0.end } }

    private func openRaw() async throws -> YamuxStream {
        let signal = ChangeSignal()
        while true {
            let seen = signal.generation
            if let stream = try tryOpen(signal) { return stream }
            do {
                try await signal.wait(after: seen)
            } catch {
                state.withLock { state in state.waitingToOpen.removeAll { $0 === signal } }
                throw error
            }
        }
    }

    /// - Returns: nil when the peer has too many streams to acknowledge; `signal` then fires when that changes.
    private func tryOpen(_ signal: ChangeSignal) throws -> YamuxStream? {
        let (id, record, wakes) = try state.withLock { state -> (UInt32?, Record?, Bool) in
            if let reason = state.end { throw TransportError.connectionClosed(reason) }
            do {
                let id = try state.session.open()
                let record = Record(readable: ChangeSignal(), writable: ChangeSignal())
                state.records[id] = record
                return (id, record, state.needsWake())
            } catch YamuxSession.Refusal.backlogFull {
                state.waitingToOpen.append(signal)
                return (nil, nil, false)
            } catch YamuxSession.Refusal.tooManyStreams {
                throw TransportError.limitReached("\(limits.outboundStreams) streams are open to one peer")
            } catch {
                throw TransportError.connectionClosed("the peer takes no more streams")
            }
        }
        if wakes { link.wake() }
        guard let id, let record else { return nil }
        return YamuxStream(self, Opened(id: id, readable: record.readable, writable: record.writable))
    }

    // MARK: - The end

    /// Ends the connection; only the first reason counts.
    func end(_ reason: String) {
        let signals = state.withLock { state -> [ChangeSignal]? in
            guard state.end == nil else { return nil }
            state.end = reason
            if !state.session.sentGoAway { state.session.goAway(0) }
            let records = state.records.sorted { $0.key < $1.key }
            let signals = records.flatMap { [$0.value.readable, $0.value.writable] }
            defer { state.waitingForRoom = [] }
            return signals + state.waitingForRoom + state.takeWaitingToOpen()
        }
        guard let signals else { return }
        link.close()
        inboundContinuation.finish()
        for signal in signals { signal.notify() }
        ended.notify()
    }
}
