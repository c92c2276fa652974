package import Wire

/// The name of a node on the network: the multihash of its public key (libp2p peer-ids specification).
///
/// Ours are Ed25519 keys in identity form (`12D3KooW…`), from which the key can be read back. Other libp2p nodes may have
/// other key types, so any identity multihash of at most 42 bytes and any SHA-256 multihash is a peer id.
package struct PeerID: Hashable, Comparable, Sendable, Canonical, CustomStringConvertible {
    /// The longest multihash of a peer id is 44 bytes; the limit leaves room.
    package static let byteLimit = 64

    /// The binary multihash.
    package let bytes: [UInt8]

    package init(_ key: PublicKey) {
        bytes = [0x00, UInt8(PublicKey.protobufLength)] + key.protobuf
    }

    /// - Returns: nil unless `bytes` are the multihash of a peer id.
    package init?(bytes: [UInt8]) {
        guard bytes.count <= Self.byteLimit, let hash = try? Multihash(bytes: bytes), hash.isPeer else { return nil }
        self.bytes = bytes
    }

    /// Reads base58 (`12D3KooW…`, `Qm…`) or a CID with the codec `libp2p-key` (`bafz…`).
    /// - Returns: nil when `text` is neither.
    package init?(_ text: some StringProtocol) {
        if text.hasPrefix("1") || text.hasPrefix("Qm") {
            guard let bytes = Base58.decode(text) else { return nil }
            self.init(bytes: bytes)
        } else {
            guard let cid = CID(text), cid.version == 1, cid.codec == CID.Codec.libp2pKey else { return nil }
            self.init(bytes: cid.hash.bytes)
        }
    }

    /// The Ed25519 key that the id contains; nil for ids of other key types.
    package var publicKey: PublicKey? {
        guard bytes.count == 2 + PublicKey.protobufLength, bytes[0] == 0 else { return nil }
        return PublicKey(protobuf: Array(bytes.dropFirst(2)))
    }

    package var description: String { Base58.encode(bytes) }
    /// The last eight characters, for people: the first ones are the same for every Ed25519 key.
    package var short: String { String(description.suffix(8)) }

    package static func < (left: PeerID, right: PeerID) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    package func encode(into writer: inout ByteWriter) { writer.writePrefixed(bytes) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> PeerID {
        guard let peer = PeerID(bytes: try reader.readPrefixed(limit: byteLimit)) else {
            throw .invalid("not the multihash of a peer")
        }
        return peer
    }
}

extension PublicKey {
    /// Length of ``protobuf`` in bytes.
    package static let protobufLength = 36

    /// The libp2p `PublicKey` message: type Ed25519 and the 32 bytes.
    package var protobuf: [UInt8] { [0x08, 0x01, 0x12, 0x20] + bytes }

    /// - Returns: nil unless `protobuf` is the canonical message of an Ed25519 key.
    package init?(protobuf: [UInt8]) {
        guard protobuf.count == Self.protobufLength, protobuf.starts(with: [0x08, 0x01, 0x12, 0x20]) else { return nil }
        self.init(bytes: Array(protobuf.dropFirst(4)))
    }
}

extension SigningKey {
    /// The name of the node that has this key.
    package var peer: PeerID { PeerID(publicKey) }
}
