package import Keys
package import Wire

/// Why a request to the network came to nothing.
package enum SwarmError: Error, Hashable, Sendable {
    /// The service is not running.
    case notRunning
    /// Neither a connection nor an address of the peer is known.
    case unknownPeer(PeerID)
    /// Every known address of the peer was tried; the texts are the reasons, in order.
    case allDialsFailed(PeerID, [String])
    /// The address leads to this node.
    case dialledSelf(Multiaddress)
    /// The peer has as many connections to this node as one may have.
    case tooManyConnections(PeerID)
    /// The peer ended the stream before a whole answer.
    case noAnswer(PeerID, protocolID: String)
}
