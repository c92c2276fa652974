package import Wire

/// A digest of 32 bytes: SHA-256 (FIPS 180-4), or BLAKE3 for the states of a model.
package struct Digest: Hashable, Comparable, Sendable, Canonical, CustomStringConvertible {
    /// The purpose a digest is made for: no digest of one purpose equals a digest of another by construction.
    ///
    /// The hashed bytes are `"banyan/" ‖ name ‖ 0x00 ‖ message`.
    package struct Domain: Hashable, Sendable, ExpressibleByStringLiteral {
        package let name: String
        package init(stringLiteral value: String) { name = value }
    }

    let value: Bytes32

    /// 32 bytes of zero: the digest of nothing, e.g. of an empty subtree of the state.
    package static let zero = Digest(Bytes32.zero)

    init(_ value: Bytes32) { self.value = value }

    /// - Returns: nil unless there are exactly 32 bytes.
    package init?(bytes: [UInt8]) {
        guard let value = Bytes32(bytes) else { return nil }
        self.value = value
    }

    /// - Returns: nil unless `hex` is 64 hexadecimal digits.
    package init?(hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes: bytes)
    }

    /// Hashes `message` for one purpose.
    package init(of message: [UInt8], domain: Domain) {
        var hasher = SHA256()
        hasher.update(Array("banyan/\(domain.name)\0".utf8))
        hasher.update(message)
        self = hasher.finish()
    }

    /// Plain SHA-256, for the formats of others (RFC 6962, libp2p).
    package init(sha256 message: [UInt8]) {
        var hasher = SHA256()
        hasher.update(message)
        self = hasher.finish()
    }

    package var bytes: [UInt8] { value.bytes }

    /// Bit `index` of the 256, the most significant first.
    package func bit(_ index: Int) -> Bool { value.bit(index) }

    package var description: String { Hex.encode(bytes) }
    /// The first eight hexadecimal digits, for people.
    package var short: String { String(description.prefix(8)) }

    package static func < (left: Digest, right: Digest) -> Bool { left.value < right.value }

    package func encode(into writer: inout ByteWriter) { value.encode(into: &writer) }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Digest {
        Digest(try Bytes32(from: &reader))
    }
}

extension Canonical {
    /// The digest of the canonical bytes for one purpose.
    package func digest(_ domain: Digest.Domain) -> Digest { Digest(of: canonicalBytes, domain: domain) }
}
