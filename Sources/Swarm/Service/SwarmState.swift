internal import Keys
internal import Transport
internal import Wire

/// What the swarm knows now. Guarded by one lock that is never held across an await.
struct SwarmState: Sendable {
    typealias Body = @Sendable (any MuxedStream, any Connection) async throws -> Void

    struct Handler: Sendable {
        let body: Body
        /// Streams one peer may have open, when less than usual.
        let perPeer: Int?
    }

    /// Who is dialled: a peer, or whoever is at an address that names nobody.
    enum DialTarget: Hashable, Sendable {
        case peer(PeerID)
        case address(Multiaddress)

        var peer: PeerID? { if case .peer(let peer) = self { peer } else { nil } }
    }

    /// What came of a dial.
    enum Arrival: Sendable {
        case reached(any Connection)
        case failed([DialPlan.Failure])
    }

    struct Dial: Sendable {
        var plan = DialPlan()
        let outcome = Outcome<Arrival>()
    }

    var table: PeerTable
    var limiter: StreamLimiter
    var connections: [PeerTable.ConnectionID: any Connection] = [:]
    /// Of connections that are closed.
    var pastTraffic = Traffic()
    var handlers: [String: Handler] = [:]
    var transport: (any SwarmTransport)?
    /// Bound addresses; nil before listening.
    var bound: [Multiaddress]?
    var subscribers: [UInt64: AsyncStream<SwarmEvent>.Continuation] = [:]
    /// Dials under way, one for each target.
    var dials: [DialTarget: Dial] = [:]
    /// Connections whose peer is being asked who it is.
    var questions: [ObjectIdentifier: Outcome<Void>] = [:]
    /// Pings under way.
    var pings: [PeerID: Outcome<Duration>] = [:]
    var pushIsDue = false
    var isStopped = false
    var record: SignedPeerRecord?
    private var lastNumber: UInt64 = 0

    init(limits: SwarmLimits) {
        table = PeerTable(limits: limits)
        limiter = StreamLimiter(limits: limits)
    }

    /// A number for a connection or a subscriber, never given twice.
    mutating func number() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    func emit(_ event: SwarmEvent) {
        for key in subscribers.keys.sorted() { subscribers[key]?.yield(event) }
    }

    /// Open connections to `peer`, the newest first.
    func connections(to peer: PeerID) -> [any Connection] {
        (table[peer]?.connections ?? []).reversed().compactMap { connections[$0] }
    }
}
