internal import CSodium
package import Wire

/// An Ed25519 public key (RFC 8032), 32 bytes.
package struct PublicKey: Hashable, Comparable, Sendable, Canonical, CustomStringConvertible {
    private let value: Bytes32

    /// - Returns: nil unless there are exactly 32 bytes. Whether they are a point is decided by verification.
    package init?(bytes: [UInt8]) {
        guard let value = Bytes32(bytes) else { return nil }
        self.value = value
    }

    package var bytes: [UInt8] { value.bytes }

    /// Whether `signature` is this key's signature over `message` for `purpose`.
    package func verifies(_ signature: Signature, of message: [UInt8], for purpose: Purpose) -> Bool {
        verifiesRaw(signature, of: purpose.prefix + message)
    }

    /// RFC 8032 verification without a purpose, for the formats of others (libp2p).
    ///
    /// libsodium's rules: S below the group order, R and the key canonical and not of small order, no cofactor.
    package func verifiesRaw(_ signature: Signature, of message: [UInt8]) -> Bool {
        unsafe crypto_sign_ed25519_verify_detached(signature.bytes, message, UInt64(message.count), bytes) == 0
    }

    package var description: String { Hex.encode(bytes) }
    /// The first eight hexadecimal digits, for people.
    package var short: String { String(description.prefix(8)) }
    package static func < (left: PublicKey, right: PublicKey) -> Bool { left.value < right.value }

    package func encode(into writer: inout ByteWriter) { value.encode(into: &writer) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> PublicKey {
        PublicKey(value: try Bytes32(from: &reader))
    }

    private init(value: Bytes32) { self.value = value }
}

/// An Ed25519 signature, 64 bytes.
package struct Signature: Hashable, Sendable, Canonical {
    package static let length = 64

    package let bytes: [UInt8]

    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    package func encode(into writer: inout ByteWriter) { writer.writeRaw(bytes) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> Signature {
        guard let signature = Signature(bytes: try reader.readRaw(length)) else { throw .invalid("a signature") }
        return signature
    }
}

/// What a signature is for. Signed bytes begin with `"banyan/" ‖ name ‖ 0x00`, so that a signature made for one
/// purpose never verifies for another.
package struct Purpose: Hashable, Sendable, ExpressibleByStringLiteral {
    package let name: String
    package init(stringLiteral value: String) { name = value }
    package var prefix: [UInt8] { Array("banyan/\(name)\0".utf8) }
}
