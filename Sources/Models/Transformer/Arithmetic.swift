package import Wire

/// How the matrices of a transformer meet its activations. Each has its own bits, the same on every machine.
package enum Arithmetic: UInt8, CaseIterable, Hashable, Sendable, Canonical {
    /// Activations stay 32-bit floats; weights are expanded to floats.
    case float32 = 0
    /// Activations are rounded to 8-bit integers a block at a time; the products inside a block are exact.
    case int8 = 1

    package func encode(into writer: inout ByteWriter) { writer.write(rawValue) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> Arithmetic {
        let tag = try reader.readUInt8()
        guard let value = Arithmetic(rawValue: tag) else { throw .unknownTag(UInt64(tag), of: "Arithmetic") }
        return value
    }
}
