/// `GET /v1/peers`: one connected peer.
public struct PeerReport: Codable, Hashable, Sendable {
    public var peer: String
    public var addresses: [String]
    public var agent: String?
    public var protocols: [String]
    /// `inbound` or `outbound`.
    public var direction: String
    /// The last round trip, in milliseconds; nil before the first ping was answered.
    public var roundTripMilliseconds: Double?
    public var bytesReceived: UInt64
    public var bytesSent: UInt64

    public init(
        peer: String, addresses: [String], agent: String?, protocols: [String], direction: String,
        roundTripMilliseconds: Double?, bytesReceived: UInt64, bytesSent: UInt64
    ) {
        self.peer = peer
        self.addresses = addresses
        self.agent = agent
        self.protocols = protocols
        self.direction = direction
        self.roundTripMilliseconds = roundTripMilliseconds
        self.bytesReceived = bytesReceived
        self.bytesSent = bytesSent
    }
}
