/// Many streams over one reliable stream of bytes: the rules of yamux, as plain values.
///
/// Frames to send collect in ``takeOutput()``. Unread bytes are bounded by the windows we granted, and over all streams
/// by a budget. Who calls decides when to send, and tells the time as a duration since any fixed moment.
///
/// Source: yamux specification of libp2p; window growth as deployed nodes do it (doubling when a window is used up in
/// less than four round trips).
package struct YamuxSession: Sendable {
    package enum Role: Hashable, Sendable { case client, server }

    package enum Event: Hashable, Sendable {
        /// The peer opened a stream.
        case opened(UInt32)
        /// Bytes or the end can be read.
        case readable(UInt32)
        /// The window of the stream grew.
        case writable(UInt32)
        /// The peer accepted a stream of ours: the backlog has room.
        case acknowledged(UInt32)
        /// The peer abandoned the stream.
        case reset(UInt32)
        case pong(UInt32)
        /// The peer takes no more streams; 0 is a normal end.
        case goAway(UInt32)
    }

    package enum Readout: Hashable, Sendable {
        case bytes([UInt8])
        /// The peer closed its side and everything is read.
        case end
        /// Nothing now; ``Event/readable(_:)`` follows.
        case wait
        /// The session has no such stream, or all that came before its reset is read.
        case gone
    }

    package enum Refusal: Error, Hashable, Sendable {
        /// 256 streams wait for the peer's acknowledgement, or the limit of open ones is reached.
        case backlogFull
        case tooManyStreams
        /// The peer said good-bye, or the numbers of streams are used up.
        case goneAway
        case closed
        case gone
    }

    package struct Limits: Sendable {
        package var inboundStreams = 256
        package var outboundStreams = 512
        package var receiveBudget = 32 << 20
        package var largestWindow = 4 << 20
        package init() {}
    }

    /// Streams that may wait for the peer's acknowledgement.
    package static let ackBacklog = 256
    /// Payload of a data frame sent: with its header it fills one Noise frame.
    static let payloadLimit = NoiseSealer.chunk - YamuxFrame.length

    /// Most room made ahead for the frames of one write, in bytes.
    private static let batch = 1 << 20

    let role: Role
    let limits: Limits
    private var nextID: UInt32
    var streams: [UInt32: YamuxStreamState] = [:]
    var remains = YamuxRemains()
    package internal(set) var inboundCount = 0
    private(set) package var outboundCount = 0
    package internal(set) var unacknowledged = 0
    /// Unread bytes over all streams.
    package internal(set) var unreadBytes = 0
    private var grownBytes = 0
    var receivedGoAway = false
    private(set) package var sentGoAway = false
    private var output: [UInt8] = []
    var header: [UInt8] = []
    /// The data frame whose payload is arriving.
    var payload: (stream: UInt32, remaining: Int, endsStream: Bool)?
    /// The smallest round trip measured; nil before the first.
    package var roundTrip: Duration?

    package init(role: Role, limits: Limits = Limits()) {
        self.role = role
        self.limits = limits
        nextID = role == .client ? 1 : 2
        header.reserveCapacity(YamuxFrame.length)
    }

    /// Bytes that ``takeOutput()`` would give.
    package var outputCount: Int { output.count }

    /// Takes the frames to send.
    package mutating func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    // MARK: - What this side does

    /// Opens a stream. Data may be written at once.
    package mutating func open() throws(Refusal) -> UInt32 {
        guard !receivedGoAway, nextID < .max - 2 else { throw .goneAway }
        guard outboundCount < limits.outboundStreams else { throw .tooManyStreams }
        guard unacknowledged < Self.ackBacklog else { throw .backlogFull }
        let id = nextID
        nextID += 2
        streams[id] = YamuxStreamState(awaitsAck: true, isInbound: false)
        outboundCount += 1
        unacknowledged += 1
        send(.init(.windowUpdate, flags: .syn, stream: id))
        return id
    }

    /// Queues as many of `bytes[offset...]` as the window allows.
    /// - Returns: how many; zero means to wait for ``Event/writable(_:)``.
    package mutating func write(_ id: UInt32, _ bytes: [UInt8], from offset: Int) throws(Refusal) -> Int {
        guard let stream = streams[id] else { throw .gone }
        guard !stream.sentFin else { throw .closed }
        let count = min(bytes.count - offset, Int(stream.sendWindow), Self.payloadLimit)
        guard count > 0 else { return 0 }
        streams[id]?.sendWindow -= UInt32(count)
        if output.isEmpty {
            let frames = min(bytes.count - offset, Int(stream.sendWindow), Self.batch)
            output.reserveCapacity(frames + (frames / Self.payloadLimit + 1) * YamuxFrame.length)
        }
        send(.init(.data, stream: id, value: UInt32(count)))
        output.append(contentsOf: bytes[offset..<offset + count])
        return count
    }

    /// Takes the next unread bytes and grants the peer more window once half of it is used.
    package mutating func read(_ id: UInt32, at now: Duration) -> Readout {
        guard let index = streams.index(forKey: id) else {
            let readout = remains.read(id)
            if case .bytes(let chunk) = readout { unreadBytes -= chunk.count }
            return readout
        }
        guard let chunk = streams.values[index].unread.pop() else {
            return streams.values[index].receivedFin ? .end : .wait
        }
        unreadBytes -= chunk.count
        grant(at: index, id, at: now)
        removeIfOver(id)
        return .bytes(chunk)
    }

    /// Closes our side.
    package mutating func closeWrite(_ id: UInt32) throws(Refusal) {
        guard let stream = streams[id] else { throw .gone }
        guard !stream.sentFin else { return }
        streams[id]?.sentFin = true
        send(.init(.windowUpdate, flags: .fin, stream: id))
        removeIfOver(id)
    }

    /// Abandons a stream and what is unread of it; an unknown one is ignored.
    package mutating func reset(_ id: UInt32) {
        unreadBytes -= remains.drop(id)
        guard remove(id) else { return }
        send(.init(.windowUpdate, flags: .rst, stream: id))
    }

    package mutating func ping(_ opaque: UInt32) { send(.init(.ping, flags: .syn, stream: 0, value: opaque)) }

    /// Tells the peer that the session ends: 0 normally, 1 for a broken rule, 2 for our own failure.
    package mutating func goAway(_ code: UInt32) {
        sentGoAway = true
        send(.init(.goAway, stream: 0, value: code))
    }

    // MARK: - Bookkeeping

    private mutating func grant(at index: Dictionary<UInt32, YamuxStreamState>.Index, _ id: UInt32, at now: Duration) {
        let stream = streams.values[index]
        let granted = stream.receiveWindow + stream.unread.count
        guard !stream.receivedFin, granted <= stream.target / 2 else { return }
        var target = stream.target
        if let updated = stream.updated, let roundTrip, now - updated < roundTrip * 4 {
            let larger = min(2 * target, limits.largestWindow)
            if larger > target, grownBytes + larger - target <= limits.receiveBudget / 2 {
                grownBytes += larger - target
                target = larger
            }
        }
        streams.values[index].updated = now
        streams.values[index].target = target
        streams.values[index].receiveWindow += target - granted
        send(.init(.windowUpdate, stream: id, value: UInt32(target - granted)))
    }

    mutating func removeIfOver(_ id: UInt32) {
        if streams[id]?.isOver == true { remove(id) }
    }

    @discardableResult
    mutating func remove(_ id: UInt32) -> Bool {
        guard let stream = streams.removeValue(forKey: id) else { return false }
        if stream.isInbound { inboundCount -= 1 } else { outboundCount -= 1 }
        if stream.awaitsAck { unacknowledged -= 1 }
        unreadBytes -= stream.unread.count
        grownBytes -= stream.target - YamuxFrame.initialWindow
        return true
    }

    mutating func send(_ frame: YamuxFrame) { frame.append(to: &output) }
}
