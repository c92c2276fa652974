/// The bounds of one node's part in the network. Figures follow go-libp2p's base limits.
package struct SwarmLimits: Sendable, Hashable {
    /// Connections to one peer at once, in both directions together. Several are normal: both sides may dial.
    package var connectionsPerPeer = 8
    /// Connections in all; beyond it the least useful ones are closed.
    package var connections = 512

    /// Inbound streams at once: of one protocol, of one peer, and of one protocol by one peer.
    package var inboundStreamsPerProtocol = 512
    package var inboundStreamsPerPeer = 256
    package var inboundStreamsPerProtocolAndPeer = 64

    /// Peers remembered, connected or not, and addresses remembered of each.
    package var peers = 4096
    package var addressesPerPeer = 16
    /// Protocols taken from one peer's identification.
    package var protocolsPerPeer = 256

    /// From starting to dial to an authenticated connection.
    package var dialDeadline: Duration = .seconds(15)
    /// From asking to the end of the answer.
    package var identifyDeadline: Duration = .seconds(5)
    package var pingDeadline: Duration = .seconds(10)
    /// How long a served stream may stay open after our side is closed.
    package var lingerDeadline: Duration = .seconds(5)
    /// From the peer opening a request to our answer being sent.
    package var serveDeadline: Duration = .seconds(60)

    package init() {}
}
