package import Keys
package import Wire

/// A secured and multiplexed connection to one authenticated peer.
package protocol Connection: AnyObject, Sendable {
    /// Proven by the handshake.
    var remotePeer: PeerID { get }

    /// Without the `/p2p` part.
    var remoteAddress: Multiaddress { get }

    /// Whether this node dialled.
    var isOutbound: Bool { get }

    /// Opens a stream and agrees on the first of `protocols` that the peer answers.
    /// - Throws: ``TransportError/protocolsRefused(_:)``, ``TransportError/deadlineExceeded(_:)``,
    ///   ``TransportError/connectionClosed(_:)``; `CancellationError`.
    func open(_ protocols: [String], deadline: Duration) async throws -> any MuxedStream

    /// Opens a stream of a protocol that the peer is known to speak, without waiting for its agreement: what is written goes out at once, and
    /// a peer that refuses after all makes the first read throw ``TransportError/protocolsRefused(_:)``, and a write that fails after the refusal
    /// has come, too.
    func open(known protocolID: String, deadline: Duration) async throws -> any MuxedStream

    /// Says good-bye and closes; every stream of the connection ends with an error. Closing twice changes nothing.
    func close()

    /// Returns when the connection is gone, at once if it is already, and when the waiting task is cancelled.
    func closed() async

    /// Bytes on the wire, with framing and handshake.
    var bytesReceived: UInt64 { get }
    var bytesSent: UInt64 { get }

    /// The smallest round trip measured so far; nil before the first answer to a ping of the muxer.
    var roundTrip: Duration? { get }
}

extension Connection {
    package var roundTrip: Duration? { nil }
}
