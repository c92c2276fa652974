package import Keys

/// Counts the inbound streams that are being served and refuses those above the limits.
package struct StreamLimiter: Sendable {
    private struct Key: Hashable {
        let peer: PeerID
        let protocolID: String
    }

    private let limits: SwarmLimits
    private var byProtocol: [String: Int] = [:]
    private var byPeer: [PeerID: Int] = [:]
    private var byBoth: [Key: Int] = [:]

    package init(limits: SwarmLimits) { self.limits = limits }

    /// Takes a place for one stream.
    /// - Parameter perPeer: a tighter bound of the protocol on the streams of one peer.
    /// - Returns: false when a limit is reached; nothing is counted then.
    package mutating func admit(_ protocolID: String, from peer: PeerID, perPeer: Int? = nil) -> Bool {
        let key = Key(peer: peer, protocolID: protocolID)
        let bound = min(perPeer ?? .max, limits.inboundStreamsPerProtocolAndPeer)
        guard byProtocol[protocolID, default: 0] < limits.inboundStreamsPerProtocol,
            byPeer[peer, default: 0] < limits.inboundStreamsPerPeer, byBoth[key, default: 0] < bound
        else { return false }
        byProtocol[protocolID, default: 0] += 1
        byPeer[peer, default: 0] += 1
        byBoth[key, default: 0] += 1
        return true
    }

    /// Gives the place of one admitted stream back.
    package mutating func release(_ protocolID: String, from peer: PeerID) {
        Self.decrement(&byProtocol, protocolID)
        Self.decrement(&byPeer, peer)
        Self.decrement(&byBoth, Key(peer: peer, protocolID: protocolID))
    }

    package var isEmpty: Bool { byProtocol.isEmpty && byPeer.isEmpty && byBoth.isEmpty }

    private static func decrement<Name: Hashable>(_ counts: inout [Name: Int], _ name: Name) {
        guard let count = counts[name] else { return }
        counts[name] = count > 1 ? count - 1 : nil
    }
}
