package import Keys

/// A change in who is connected.
package enum SwarmEvent: Hashable, Sendable {
    /// The first connection to the peer.
    case connected(PeerID)
    /// The peer said, or said anew, which protocols it serves.
    case identified(PeerID, [String])
    /// The last connection to the peer went.
    case disconnected(PeerID)
}
