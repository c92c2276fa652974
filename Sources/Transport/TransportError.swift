package import Keys
package import Wire

/// Why a connection or a stream is of no further use.
package enum TransportError: Error, Hashable, Sendable {
    /// The address has no form this transport can dial or listen on.
    case unsupportedAddress(Multiaddress)
    /// The peer behind the address proved another identity than the address names.
    case wrongPeer(expected: PeerID, found: PeerID)
    /// The TCP connection could not be made or broke; the text is the system's reason.
    case unreachable(String)
    /// The negotiation or the handshake failed.
    case handshakeFailed(String)
    /// The peer answers none of these protocols.
    case protocolsRefused([String])
    /// What did not happen within its time.
    case deadlineExceeded(String)
    /// The connection is gone; the text says why.
    case connectionClosed(String)
    /// The stream was reset by the peer, or here.
    case streamReset
    /// Our side of the stream is closed already.
    case writeAfterClose
    /// The peer closed its side inside a frame.
    case truncatedFrame(missing: Int)
    /// A frame is announced longer than its protocol allows.
    case frameTooLong(length: UInt64, limit: Int)
    /// The length of a frame is not a varint in its shortest form.
    case malformedFrame
    /// A bound of ``TransportLimits`` is reached.
    case limitReached(String)
    /// The transport was shut down.
    case shutDown
}
