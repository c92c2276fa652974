package import Keys

/// Why a Noise handshake or a Noise channel cannot go on.
package enum NoiseError: Error, Hashable, Sendable {
    /// A message is shorter than its tokens need, or longer than it may be.
    case wrongLength(Int)
    /// A tag does not fit: other keys, another transcript, or changed bytes.
    case notAuthentic
    /// A Diffie–Hellman result is all zeros: the peer's key is a point of small order.
    case weakKey
    /// Messages were read or written in another order than the pattern's.
    case outOfOrder
    /// 2^64 − 1 messages were sent with one key.
    case nonceExhausted
    /// The payload of the handshake is not what libp2p wants there.
    case malformedPayload(String)
    /// The identity key did not sign the static key.
    case wrongSignature
    /// The peer is not the one that was to be reached.
    case wrongPeer(expected: PeerID, found: PeerID)
    /// Both sides listed muxers and have none in common.
    case noCommonMuxer([String])
}
