package import Keys
package import Wire

extension PeerIdentity {
    /// Why a message says nothing of the peer that sent it.
    package enum Rejection: Error, Hashable, Sendable {
        case keyOfAnotherPeer
        case recordInvalid(WireError)
        case recordOfAnotherPeer(PeerID)
    }

    /// Takes a message of the authenticated `peer`; what it leaves out stays as it was (a push may be partial).
    ///
    /// Text is cut to printable characters: it is shown to people.
    package mutating func update(
        with message: IdentifyMessage, from peer: PeerID, limits: SwarmLimits
    ) throws(Rejection) {
        if let key = message.publicKey, !Self.isKey(key, of: peer) { throw .keyOfAnotherPeer }
        var fresh: SignedPeerRecord?
        if let bytes = message.signedPeerRecord {
            let read: SignedPeerRecord
            do { read = try SignedPeerRecord(bytes: bytes) } catch { throw .recordInvalid(error) }
            guard read.peer == peer else { throw .recordOfAnotherPeer(read.peer) }
            fresh = read
        }
        if let protocols = message.protocols {
            self.protocols = Array(protocols.filter { !$0.isEmpty }.prefix(limits.protocolsPerPeer))
        }
        if let addresses = message.listenAddresses {
            listenAddresses = Array(addresses.prefix(limits.addressesPerPeer))
        }
        if let fresh, fresh.sequence >= record?.sequence ?? 0 {
            record = fresh
            if !fresh.addresses.isEmpty { listenAddresses = Array(fresh.addresses.prefix(limits.addressesPerPeer)) }
        }
        if let agent = message.agentVersion { self.agent = Self.printable(agent) }
        if let version = message.protocolVersion { protocolVersion = Self.printable(version) }
    }

    /// Ed25519 ids contain their key; the ids of other key types are the SHA-256 multihash of the key's message.
    private static func isKey(_ protobuf: [UInt8], of peer: PeerID) -> Bool {
        if let key = peer.publicKey { return key.protobuf == protobuf }
        if protobuf.count <= 42 { return peer.bytes == [0x00, UInt8(protobuf.count)] + protobuf }
        return peer.bytes == [0x12, 0x20] + sha256(protobuf)
    }

    private static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish().bytes
    }

    private static func printable(_ text: String) -> String {
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value) {
            kept.append(scalar)
        }
        return String(kept)
    }
}
