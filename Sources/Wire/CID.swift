/// A content identifier: what kind of content, and its multihash (multiformats CID, versions 0 and 1).
package struct CID: Hashable, Sendable, CustomStringConvertible {
    /// Codes of the multiformats table.
    package enum Codec {
        package static let raw: UInt64 = 0x55
        package static let dagProtobuf: UInt64 = 0x70
        package static let libp2pKey: UInt64 = 0x72
    }

    package let version: UInt64
    package let codec: UInt64
    package let hash: Multihash

    /// A version 1 identifier.
    package init(codec: UInt64, hash: Multihash) {
        version = 1
        self.codec = codec
        self.hash = hash
    }

    /// A version 0 identifier: a bare SHA-256 multihash that stands for `dag-pb`.
    /// - Returns: nil when `hash` is of another function.
    package init?(version0 hash: Multihash) {
        guard hash.function == Multihash.Function.sha256 else { return nil }
        version = 0
        codec = Codec.dagProtobuf
        self.hash = hash
    }

    package init(bytes: [UInt8]) throws(WireError) {
        if bytes.count == 34, bytes[0] == 0x12, bytes[1] == 0x20 {
            guard let cid = CID(version0: try Multihash(bytes: bytes)) else { throw .invalid("CID version 0") }
            self = cid
            return
        }
        var reader = ByteReader(bytes)
        let version = try reader.readVarint()
        guard version == 1 else { throw .unknownTag(version, of: "CID version") }
        let codec = try reader.readVarint()
        self.init(codec: codec, hash: try Multihash(from: &reader))
        try reader.finish()
    }

    /// Reads `Qm…` (version 0), `b…` base32, `z…` base58 or `f…` hexadecimal text.
    /// - Returns: nil when `text` is none of them.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 512, let first = text.utf8.first else { return nil }
        let bytes: [UInt8]?
        if text.utf8.count == 46, text.hasPrefix("Qm") {
            bytes = Base58.decode(text)
        } else {
            let body = String(decoding: text.utf8.dropFirst(), as: UTF8.self)
            switch first {
            case UInt8(ascii: "b"): bytes = Base32.decode(body)
            case UInt8(ascii: "z"): bytes = Base58.decode(body)
            case UInt8(ascii: "f"): bytes = Hex.decode(body)
            default: bytes = nil
            }
            // Version 0 has no multibase prefix.
            if let bytes, bytes.first == 0x12 { return nil }
        }
        guard let bytes, let cid = try? CID(bytes: bytes) else { return nil }
        self = cid
    }

    package var bytes: [UInt8] {
        guard version != 0 else { return hash.bytes }
        var writer = ByteWriter()
        writer.writeVarint(version)
        writer.writeVarint(codec)
        writer.writeRaw(hash.bytes)
        return writer.bytes
    }

    package var description: String {
        version == 0 ? Base58.encode(hash.bytes) : "b" + Base32.encode(bytes)
    }
}
