package import Keys
package import Wire

/// What this node knows of one connected peer.
package struct PeerSummary: Sendable, Hashable {
    package let id: PeerID
    /// Where the connections lead, oldest first.
    package let addresses: [Multiaddress]
    /// Where the peer says it listens.
    package let listenAddresses: [Multiaddress]
    package let agent: String?
    package let protocolVersion: String?
    package let protocols: [String]
    /// The last measured time of a ping there and back.
    package let roundTrip: Duration?
    /// Whether this node dialled the oldest connection.
    package let isOutbound: Bool
    package let connections: Int
    /// Sums over the open connections, in bytes on the wire.
    package let bytesReceived: UInt64
    package let bytesSent: UInt64
}
