extension YamuxConnection {
    /// All that changes in a connection. Guarded by one lock that is never held across an await.
    struct State {
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
    struct Record {
        let readable: ChangeSignal
        let writable: ChangeSignal
        var isReset = false
        var isWriting = false
        var isClosed = false
    }
}

extension YamuxConnection.State {
    /// Whether the link is to be woken now.
    mutating func needsWake() -> Bool {
        guard session.outputCount > 0, !isAwake, inLink < YamuxConnection.linkLimit else { return false }
        isAwake = true
        return true
    }

    mutating func takeWaitingToOpen() -> [ChangeSignal] {
        defer { waitingToOpen = [] }
        return waitingToOpen
    }

    func checkWritable(_ id: UInt32) throws {
        guard let record = records[id], !record.isReset else { throw TransportError.streamReset }
        if let reason = end { throw TransportError.connectionClosed(reason) }
        if record.isClosed { throw TransportError.writeAfterClose }
    }
}
