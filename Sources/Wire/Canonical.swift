/// A value with exactly one encoding, the one that is hashed, signed, stored and sent.
///
/// For every value `x`, `decode(encode(x)) == x`; for every accepted sequence of bytes `b`, `encode(decode(b)) == b`.
package protocol Canonical: Sendable {
    func encode(into writer: inout ByteWriter)
    static func decode(from reader: inout ByteReader) throws(WireError) -> Self
}

extension Canonical {
    package var canonicalBytes: [UInt8] {
        var writer = ByteWriter(capacity: 256)  // Most values fit: one allocation.
        encode(into: &writer)
        return writer.bytes
    }

    /// Decodes a whole value.
    /// - Throws: ``WireError`` when the bytes are short, long, or not the canonical form.
    package init(canonicalBytes bytes: [UInt8]) throws(WireError) {
        var reader = ByteReader(bytes)
        self = try Self.decode(from: &reader)
        try reader.finish()
    }
}

extension UInt64: Canonical {
    package func encode(into writer: inout ByteWriter) { writer.write(self) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> UInt64 { try reader.readUInt64() }
}
