package import Keys
internal import Synchronization
package import Wire

/// The awaiting side of a ``YamuxSession``: streams that tasks read and write, over any link that moves bytes.
///
/// The link gives it what arrives, and takes what is to be sent when it is woken. The class decides nothing about
/// encryption or sockets, so that TCP, relays and memory share it.
package final class YamuxConnection: Connection {
    /// What moves the bytes. Both calls return at once and may come from any thread.
    struct Link: Sendable {
        /// Output waits; call ``YamuxConnection/takeOutput()`` soon.
        let wake: @Sendable () -> Void
        /// Send what is left, then close.
        let close: @Sendable () -> Void
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
    private let inboundContinuation: AsyncStream<Opened>.Continuation
    private let state: Mutex<State>
    private let ended = ChangeSignal()
    private let link: Link
    private let limits: TransportLimits
    private let start = ContinuousClock.now

    fileprivate struct State {
        var session: YamuxSession
        var records: [UInt32: Record] = [:]
        /// Bytes that the link has and has not sent.
        var inLink = 0
        var isAwake = false
        var waitingForRoom: [ChangeSignal] = []
        var waitingToOpen: [ChangeSignal] = []
        /// Streams of the peer that are being served.
        var served = 0
        var end: String?
        var ping: (opaque: UInt32, sent: Duration, received: UInt64)?
        var nextPing: UInt32 = 0
        var received: UInt64 = 0
        var sent: UInt64 = 0
    }

    /// What outlives the session's view of a stream, until its object goes.
    fileprivate struct Record {
        let readable: ChangeSignal
        let writable: ChangeSignal
        var isReset = false
        var isWriting = false
        var isClosed = false
    }

    init(
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
    private var now: Duration { start.duration(to: .now) }

    // MARK: - For services

    package func open(_ protocols: [String], deadline: Duration) async throws -> any MuxedStream {
        guard !protocols.isEmpty else { throw TransportError.protocolsRefused([]) }
        return try await withDeadline(deadline, "opening a stream to \(remotePeer)") {
            try await self.openRaw().propose(protocols)
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

    // MARK: - For streams

    func read(_ id: UInt32) throws -> YamuxSession.Readout {
        let now = now
        let (readout, wakes) = try state.withLock { state -> (YamuxSession.Readout, Bool) in
            let readout = state.session.read(id, at: now)
            switch readout {
            case .gone:
                if state.records[id]?.isReset != false { throw TransportError.streamReset }
                return (.end, false)
            case .wait:
                if let reason = state.end { throw TransportError.connectionClosed(reason) }
                return (.wait, false)
            case .bytes, .end:
                return (readout, state.needsWake())
            }
        }
        if wakes { link.wake() }
        return readout
    }

    enum WriteTurn { case taken, wait }

    /// Takes the turn to write on a stream, so that concurrent writes do not mix.
    func beginWrite(_ id: UInt32) throws -> WriteTurn {
        try state.withLock { state in
            try state.checkWritable(id)
            if state.records[id]?.isWriting == true { return .wait }
            state.records[id]?.isWriting = true
            return .taken
        }
    }

    func endWrite(_ id: UInt32) {
        let signal = state.withLock { state in
            state.records[id]?.isWriting = false
            return state.records[id]?.writable
        }
        signal?.notify()
    }

    /// - Returns: how many bytes were queued; zero means to wait for the stream's signal.
    func write(_ id: UInt32, _ bytes: [UInt8], from offset: Int) throws -> Int {
        let (count, wakes) = try state.withLock { state -> (Int, Bool) in
            try state.checkWritable(id)
            var total = 0
            while offset + total < bytes.count {
                guard state.session.outputCount + state.inLink < Self.outputLimit else {
                    if total == 0, let record = state.records[id] { state.waitingForRoom.append(record.writable) }
                    break
                }
                do {
                    let count = try state.session.write(id, bytes, from: offset + total)
                    guard count > 0 else { break }
                    total += count
                } catch { throw TransportError.streamReset }
            }
            return (total, state.needsWake())
        }
        if wakes { link.wake() }
        return count
    }

    /// - Returns: wait when a write is under way.
    func closeWrite(_ id: UInt32) throws -> WriteTurn {
        let (turn, wakes) = try state.withLock { state -> (WriteTurn, Bool) in
            guard let record = state.records[id], !record.isReset else { throw TransportError.streamReset }
            if record.isClosed { return (.taken, false) }
            if let reason = state.end { throw TransportError.connectionClosed(reason) }
            if record.isWriting { return (.wait, false) }
            do { try state.session.closeWrite(id) } catch { throw TransportError.streamReset }
            state.records[id]?.isClosed = true
            return (.taken, state.needsWake())
        }
        if wakes { link.wake() }
        return turn
    }

    func reset(_ id: UInt32) {
        let (signals, wakes) = state.withLock { state -> ([ChangeSignal], Bool) in
            state.session.reset(id)
            state.records[id]?.isReset = true
            let signals = state.records[id].map { [$0.readable, $0.writable] } ?? []
            return (signals + state.takeWaitingToOpen(), state.needsWake())
        }
        for signal in signals { signal.notify() }
        if wakes { link.wake() }
    }

    /// The object of the stream is gone.
    func release(_ id: UInt32) {
        let (signals, wakes) = state.withLock { state -> ([ChangeSignal], Bool) in
            state.session.reset(id)
            state.records[id] = nil
            return (state.takeWaitingToOpen(), state.needsWake())
        }
        for signal in signals { signal.notify() }
        if wakes { link.wake() }
    }

    /// A stream of the peer is served to its end.
    func finishedServing() { state.withLock { $0.served -= 1 } }

    // MARK: - For the link

    /// Takes decrypted bytes of the peer.
    func received(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        let now = now
        var signals: [ChangeSignal] = []
        var opened: [Opened] = []
        var failure: String?
        let wakes = state.withLock { state in
            guard state.end == nil else { return false }
            do {
                for event in try state.session.receive(bytes, at: now) {
                    handle(event, &state, &signals, &opened, at: now)
                }
            } catch {
                failure = "the peer broke the rules of yamux: \(error)"
            }
            if state.session.outputCount > Self.floodLimit {
                failure = "the peer does not read the answers it asks for"
            }
            return state.needsWake()
        }
        for signal in signals { signal.notify() }
        for stream in opened { inboundContinuation.yield(stream) }
        if wakes { link.wake() }
        if let failure { end(failure) }
    }

    private func handle(
        _ event: YamuxSession.Event, _ state: inout State, _ signals: inout [ChangeSignal],
        _ opened: inout [Opened], at now: Duration
    ) {
        switch event {
        case .opened(let id):
            guard state.served < limits.inboundStreams else { return state.session.reset(id) }
            state.served += 1
            let record = Record(readable: ChangeSignal(), writable: ChangeSignal())
            state.records[id] = record
            opened.append(Opened(id: id, readable: record.readable, writable: record.writable))
        case .readable(let id):
            if let record = state.records[id] { signals.append(record.readable) }
        case .writable(let id):
            if let record = state.records[id] { signals.append(record.writable) }
        case .reset(let id):
            state.records[id]?.isReset = true
            if let record = state.records[id] { signals += [record.readable, record.writable] }
            signals += state.takeWaitingToOpen()
        case .acknowledged, .goAway:
            signals += state.takeWaitingToOpen()
        case .pong(let opaque):
            guard let ping = state.ping, ping.opaque == opaque else { return }
            state.ping = nil
            let roundTrip = now - ping.sent
            state.session.roundTrip = min(state.session.roundTrip ?? roundTrip, roundTrip)
        }
    }

    /// Takes frames to send; empty when there are none, or the link has enough.
    func takeOutput() -> [UInt8] {
        state.withLock { state in
            state.isAwake = false
            guard state.inLink < Self.linkLimit else { return [] }
            let output = state.session.takeOutput()
            state.inLink += output.count
            return output
        }
    }

    /// The link has sent `count` bytes that it took.
    func sent(_ count: Int) {
        let (signals, wakes) = state.withLock { state -> ([ChangeSignal], Bool) in
            state.inLink -= count
            let wakes = state.needsWake()
            guard state.session.outputCount + state.inLink < Self.outputLimit / 2 else { return ([], wakes) }
            defer { state.waitingForRoom = [] }
            return (state.waitingForRoom, wakes)
        }
        for signal in signals { signal.notify() }
        if wakes { link.wake() }
    }

    /// Counts bytes on the wire.
    func count(received: Int = 0, sent: Int = 0) {
        state.withLock { state in
            state.received &+= UInt64(received)
            state.sent &+= UInt64(sent)
        }
    }

    /// Sends a ping unless one is on its way.
    func ping() {
        let now = now
        let wakes = state.withLock { state in
            guard state.end == nil, state.ping == nil else { return false }
            state.nextPing &+= 1
            state.ping = (state.nextPing, now, state.received)
            state.session.ping(state.nextPing)
            return state.needsWake()
        }
        if wakes { link.wake() }
    }

    /// Ends the connection when a ping got neither an answer nor any other byte within the deadline.
    func checkAlive() {
        let now = now
        let isDead = state.withLock { state in
            guard let ping = state.ping, now - ping.sent >= limits.keepAliveDeadline else { return false }
            if ping.received == state.received { return true }
            state.ping = nil
            return false
        }
        if isDead { end("no sign of life for \(limits.keepAliveDeadline)") }
    }

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

extension YamuxConnection.State {
    /// Whether the link is to be woken now.
    fileprivate mutating func needsWake() -> Bool {
        guard session.outputCount > 0, !isAwake, inLink < YamuxConnection.linkLimit else { return false }
        isAwake = true
        return true
    }

    fileprivate mutating func takeWaitingToOpen() -> [ChangeSignal] {
        defer { waitingToOpen = [] }
        return waitingToOpen
    }

    fileprivate func checkWritable(_ id: UInt32) throws {
        guard let record = records[id], !record.isReset else { throw TransportError.streamReset }
        if let reason = end { throw TransportError.connectionClosed(reason) }
        if record.isClosed { throw TransportError.writeAfterClose }
    }
}
