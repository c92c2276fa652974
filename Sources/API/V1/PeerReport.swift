/// `GET /v1/peers`: one connected peer.
package struct PeerReport: Codable, Hashable, Sendable {
    package var peer: String
    package var addresses: [String]
    package var agent: String?
    package var protocols: [String]
    /// `inbound` or `outbound`.
    package var direction: String
    /// The last round trip, in milliseconds; nil before the first ping was answered.
    package var roundTripMilliseconds: Double?
    package var bytesReceived: UInt64
    package var bytesSent: UInt64

    package init(
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
