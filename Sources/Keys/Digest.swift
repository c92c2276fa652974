internal import CSodium
package import Wire

/// A SHA-256 digest (FIPS 180-4), 32 bytes.
package struct Digest: Hashable, Comparable, Sendable, Canonical, CustomStringConvertible {
    /// The purpose a digest is made for: no digest of one purpose equals a digest of another by construction.
    ///
    /// The hashed bytes are `"banyan/" ‖ name ‖ 0x00 ‖ message`.
    package struct Domain: Hashable, Sendable, ExpressibleByStringLiteral {
        package let name: String
        package init(stringLiteral value: String) { name = value }
    }

    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// 32 bytes of zero: the digest of nothing, e.g. of an empty subtree of the state.
    package static let zero = Digest(bytes: [UInt8](repeating: 0, count: 32))!

    /// - Returns: nil unless there are exactly 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        func word(_ index: Int) -> UInt64 {
            bytes[index * 8..<index * 8 + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        words = (word(0), word(1), word(2), word(3))
    }

    /// - Returns: nil unless `hex` is 64 hexadecimal digits.
    package init?(hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes: bytes)
    }

    /// Hashes `message` for one purpose.
    package init(of message: [UInt8], domain: Domain) {
        var hasher = SHA256()
        hasher.update(Array("banyan/".utf8) + Array(domain.name.utf8) + [0])
        hasher.update(message)
        self = hasher.finish()
    }

    /// Plain SHA-256, for the formats of others (RFC 6962, libp2p).
    package init(sha256 message: [UInt8]) {
        var hasher = SHA256()
        hasher.update(message)
        self = hasher.finish()
    }

    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 32)
        encode(into: &writer)
        return writer.bytes
    }

    package var description: String { Hex.encode(bytes) }
    /// The first eight hexadecimal digits, for people.
    package var short: String { String(description.prefix(8)) }

    package static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }
    package static func < (left: Digest, right: Digest) -> Bool { left.words < right.words }
    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(words.0)
        writer.write(words.1)
        writer.write(words.2)
        writer.write(words.3)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Digest {
        Digest(bytes: try reader.readRaw(32))!
    }
}

extension Canonical {
    /// The digest of the canonical bytes for one purpose.
    package func digest(_ domain: Digest.Domain) -> Digest { Digest(of: canonicalBytes, domain: domain) }
}
