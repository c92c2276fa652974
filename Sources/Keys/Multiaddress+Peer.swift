package import Wire

extension Multiaddress {
    /// The peer at the end of the path; nil when the last component is no `/p2p`.
    package var peer: PeerID? { peerMultihash.flatMap { PeerID(bytes: $0) } }

    /// This address with `/p2p/<peer>` at its end, in place of another one when there is one.
    /// - Throws: ``WireError`` when the address would become too long.
    package func with(_ peer: PeerID) throws(WireError) -> Multiaddress {
        let component = try Component(.p2p, peer.bytes)
        let path = components.last?.kind == .p2p ? Array(components.dropLast()) : components
        return try Multiaddress(path + [component])
    }

    /// This address without `/p2p` at its end; the same address when it has none or is nothing else.
    package var withoutPeer: Multiaddress {
        guard components.count > 1, components.last?.kind == .p2p else { return self }
        return (try? Multiaddress(Array(components.dropLast()))) ?? self
    }
}
