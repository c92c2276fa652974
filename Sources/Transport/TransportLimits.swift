/// The bounds that keep hostile peers from using up this node. Figures follow the limits that deployed libp2p nodes use.
package struct TransportLimits: Sendable, Hashable {
    /// From accepting, or from TCP being connected, to an authenticated and multiplexed connection.
    package var handshakeDeadline: Duration = .seconds(10)

    /// From a peer opening a stream to both sides agreeing on its protocol.
    package var negotiationDeadline: Duration = .seconds(10)

    /// Accepted connections that have not finished the handshake. One more drops the oldest of them, so that silent
    /// connections never keep a new peer out.
    package var transientConnections = 128

    /// Authenticated connections that peers dialled. One more is closed.
    package var inboundConnections = 512

    /// Connections that one IP address may open at once, and then per second. An IPv6 address counts as its /64.
    package var acceptBurst = 512
    package var acceptsPerSecond = 64

    /// Streams that a peer may have open on one connection. One more is reset.
    package var inboundStreams = 256

    /// Streams that we may have open on one connection. One more fails with ``TransportError/limitReached(_:)``.
    package var outboundStreams = 512

    /// Bytes received and not yet read, over all streams of a connection; more closes it. 32 MiB are 128 full windows.
    package var receiveBudget = 32 << 20

    /// Largest receive window of one stream. It starts at 256 KiB and grows while the reader keeps up.
    package var largestWindow = 4 << 20

    /// Time between two keep-alive pings, and how long an answer may take before the connection counts as dead.
    package var keepAliveInterval: Duration = .seconds(30)
    package var keepAliveDeadline: Duration = .seconds(20)

    package init() {}
}
