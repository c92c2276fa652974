internal import CSodium
package import Wire

/// An Ed25519 public key (RFC 8032), 32 bytes.
package struct PublicKey: Hashable, Comparable, Sendable, Canonical, CustomStringConvertible {
    package let bytes: [UInt8]

    /// - Returns: nil unless there are exactly 32 bytes. Whether they are a point is decided by verification.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Whether `signature` is this key's signature over `message` for `purpose`.
    package func verifies(_ signature: Signature, of message: [UInt8], for purpose: Purpose) -> Bool {
        verifiesRaw(signature, of: purpose.prefix + message)
    }

    /// RFC 8032 verification without a purpose, for the formats of others (libp2p); S must be canonical.
    package func verifiesRaw(_ signature: Signature, of message: [UInt8]) -> Bool {
        unsafe crypto_sign_ed25519_verify_detached(signature.bytes, message, UInt64(message.count), bytes) == 0
    }

    package var description: String { Hex.encode(bytes) }
    package static func < (left: PublicKey, right: PublicKey) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    package func encode(into writer: inout ByteWriter) { writer.writeRaw(bytes) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> PublicKey {
        PublicKey(bytes: try reader.readRaw(32))!
    }
}

/// An Ed25519 signature, 64 bytes.
package struct Signature: Hashable, Sendable, Canonical {
    package let bytes: [UInt8]

    package init?(bytes: [UInt8]) {
        guard bytes.count == 64 else { return nil }
        self.bytes = bytes
    }

    package func encode(into writer: inout ByteWriter) { writer.writeRaw(bytes) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> Signature {
        Signature(bytes: try reader.readRaw(64))!
    }
}

/// What a signature is for. Signed bytes begin with `"banyan/" ‖ name ‖ 0x00`, so that a signature made for one
/// purpose never verifies for another.
package struct Purpose: Hashable, Sendable, ExpressibleByStringLiteral {
    package let name: String
    package init(stringLiteral value: String) { name = value }
    package var prefix: [UInt8] { Array("banyan/".utf8) + Array(name.utf8) + [0] }
}
