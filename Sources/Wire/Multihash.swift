/// A digest that names its own function: `varint code ‖ varint length ‖ digest` (multiformats).
package struct Multihash: Hashable, Sendable {
    /// Codes of the multiformats table.
    package enum Function {
        package static let identity: UInt64 = 0x00
        package static let sha256: UInt64 = 0x12
        package static let sha512: UInt64 = 0x13
    }

    /// The longest digest accepted; real ones have at most 64 bytes, identity hashes of keys at most 42.
    package static let limit = 128

    package let function: UInt64
    package let digest: [UInt8]

    /// - Returns: nil when the digest is longer than ``limit`` or has not the length of its function.
    package init?(function: UInt64, digest: [UInt8]) {
        guard digest.count <= Self.limit else { return nil }
        switch function {
        case Function.sha256 where digest.count != 32: return nil
        case Function.sha512 where digest.count != 64: return nil
        default: break
        }
        self.function = function
        self.digest = digest
    }

    /// Reads a whole multihash; trailing bytes are an error.
    package init(bytes: [UInt8]) throws(WireError) {
        var reader = ByteReader(bytes)
        self = try Multihash(from: &reader)
        try reader.finish()
    }

    /// Reads a multihash that is followed by something else.
    package init(from reader: inout ByteReader) throws(WireError) {
        let function = try reader.readVarint()
        let digest = try reader.readPrefixed(limit: Self.limit)
        guard let value = Multihash(function: function, digest: digest) else {
            throw .invalid("a digest of \(digest.count) bytes does not fit hash function \(function)")
        }
        self = value
    }

    /// Whether this can be the name of a libp2p peer: the key itself when it has at most 42 bytes, else its SHA-256.
    package var isPeer: Bool {
        switch function {
        case Function.identity: (1...42).contains(digest.count)
        case Function.sha256: true
        default: false
        }
    }

    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: digest.count + 4)
        writer.writeVarint(function)
        writer.writePrefixed(digest)
        return writer.bytes
    }
}
