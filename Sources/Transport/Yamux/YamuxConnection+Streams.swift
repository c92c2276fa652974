internal import Synchronization

/// What a stream's object asks of its connection.
extension YamuxConnection {
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
}
