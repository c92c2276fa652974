internal import Synchronization

/// What the link tells its connection, and takes from it.
extension YamuxConnection {
    /// Takes decrypted bytes of the peer.
    package func received(_ bytes: [UInt8]) {
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
    package func takeOutput() -> [UInt8] {
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
}
