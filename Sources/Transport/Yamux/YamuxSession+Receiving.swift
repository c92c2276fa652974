/// What the peer sends.
extension YamuxSession {
    /// Reads bytes of the peer.
    /// - Throws: ``YamuxError``; a go-away frame is then in the output, and the session is of no further use.
    package mutating func receive(_ bytes: [UInt8], at now: Duration) throws(YamuxError) -> [Event] {
        var events: [Event] = []
        do {
            var rest = bytes[...]
            while !rest.isEmpty {
                if payload != nil {
                    try receivePayload(&rest, &events)
                    continue
                }
                if header.isEmpty, rest.count >= YamuxFrame.length {
                    let frame = try YamuxFrame(rest.prefix(YamuxFrame.length))
                    rest = rest.dropFirst(YamuxFrame.length)
                    try receive(frame, &events)
                    continue
                }
                let missing = rest.prefix(YamuxFrame.length - header.count)
                header.append(contentsOf: missing)
                rest = rest.dropFirst(missing.count)
                guard header.count == YamuxFrame.length else { break }
                let frame = try YamuxFrame(header)
                header.removeAll(keepingCapacity: true)
                try receive(frame, &events)
            }
        } catch {
            goAway(1)
            throw error
        }
        return events
    }

    private mutating func receive(_ frame: YamuxFrame, _ events: inout [Event]) throws(YamuxError) {
        switch frame.kind {
        case .ping:
            guard frame.stream == 0 else { throw .misplacedStream(frame.stream) }
            if frame.flags.contains(.syn) {
                send(.init(.ping, flags: .ack, stream: 0, value: frame.value))
            } else if frame.flags.contains(.ack) {
                events.append(.pong(frame.value))
            }
        case .goAway:
            guard frame.stream == 0 else { throw .misplacedStream(frame.stream) }
            receivedGoAway = true
            events.append(.goAway(frame.value))
        case .data, .windowUpdate:
            guard frame.stream != 0 else { throw .misplacedStream(0) }
            if frame.flags.contains(.syn) { try accept(frame, &events) }
            try receiveOnStream(frame, &events)
        }
    }

    private mutating func accept(_ frame: YamuxFrame, _ events: inout [Event]) throws(YamuxError) {
        let isOurs = frame.stream.isMultiple(of: 2) == (role == .server)
        guard !isOurs, streams[frame.stream] == nil, !remains.contains(frame.stream) else {
            throw .wrongStreamNumber(frame.stream)
        }
        guard inboundCount < limits.inboundStreams else {
            send(.init(.windowUpdate, flags: .rst, stream: frame.stream))
            return
        }
        streams[frame.stream] = YamuxStreamState(awaitsAck: false, isInbound: true)
        inboundCount += 1
        send(.init(.windowUpdate, flags: .ack, stream: frame.stream))
        events.append(.opened(frame.stream))
    }

    private mutating func receiveOnStream(_ frame: YamuxFrame, _ events: inout [Event]) throws(YamuxError) {
        let id = frame.stream
        let index = streams.index(forKey: id)
        if let index, frame.flags.contains(.ack), streams.values[index].awaitsAck {
            streams.values[index].awaitsAck = false
            unacknowledged -= 1
            events.append(.acknowledged(id))
        }
        if frame.kind == .data, frame.value > 0 {
            // What comes for a stream that is no more raced with our reset: it is drained.
            if let index, !frame.flags.contains(.rst) {
                guard !streams.values[index].receivedFin else { throw .dataAfterEnd(id) }
                guard Int(frame.value) <= streams.values[index].receiveWindow else {
                    throw .windowExceeded(stream: id, length: frame.value)
                }
                streams.values[index].receiveWindow -= Int(frame.value)
            }
            payload = (id, Int(frame.value), frame.flags.contains(.fin))
        }
        if frame.flags.contains(.rst) {
            guard let stream = streams[id] else { return }
            remove(id)
            unreadBytes += stream.unread.count
            remains.keep(stream, id)
            events.append(.reset(id))
            return
        }
        guard let index else { return }
        if frame.kind == .windowUpdate, frame.value > 0 {
            let (sum, overflow) = streams.values[index].sendWindow.addingReportingOverflow(frame.value)
            guard !overflow else { throw .windowOverflow(id) }
            streams.values[index].sendWindow = sum
            events.append(.writable(id))
        }
        if frame.flags.contains(.fin), payload == nil { end(at: index, id, &events) }
    }

    private mutating func receivePayload(
        _ rest: inout ArraySlice<UInt8>, _ events: inout [Event]
    ) throws(YamuxError) {
        guard let (id, remaining, endsStream) = payload else { return }
        let part = rest.prefix(remaining)
        rest = rest.dropFirst(part.count)
        payload = part.count == remaining ? nil : (id, remaining - part.count, endsStream)
        guard let index = streams.index(forKey: id) else { return }
        guard unreadBytes + part.count <= limits.receiveBudget else { throw .budgetExceeded }
        streams.values[index].unread.append(part)
        unreadBytes += part.count
        events.append(.readable(id))
        if endsStream, payload == nil { end(at: index, id, &events) }
    }

    private mutating func end(
        at index: Dictionary<UInt32, YamuxStreamState>.Index, _ id: UInt32, _ events: inout [Event]
    ) {
        guard !streams.values[index].receivedFin else { return }
        streams.values[index].receivedFin = true
        events.append(.readable(id))
        removeIfOver(id)
    }
}
