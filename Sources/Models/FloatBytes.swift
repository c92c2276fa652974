package import Wire

/// Floats as bytes: IEEE 754 bit patterns, little-endian, every NaN as 0x7fc00000. IEEE leaves open which NaN an operation
/// gives; with one pattern for all of them, equal states have equal bytes on every processor.
package enum FloatBytes {
    private static let nan: UInt32 = 0x7fc0_0000

    package static func encode(_ values: [Float]) -> [UInt8] {
        let words = values.map { ($0.isNaN ? nan : $0.bitPattern).littleEndian }
        return unsafe words.withUnsafeBytes { unsafe Array($0) }
    }

    /// Reads `count` floats; the reader checks that they are there before anything is allocated.
    package static func read(_ count: Int, from reader: inout ByteReader) throws(WireError) -> [Float] {
        guard count >= 0, count <= reader.remaining / 4 else {
            throw .truncated(needed: count, available: reader.remaining / 4)
        }
        let bytes = try reader.readRaw(count * 4)
        let words = unsafe [UInt32](unsafeUninitializedCapacity: count) { words, initialized in
            unsafe UnsafeMutableRawBufferPointer(words).copyBytes(from: bytes)
            initialized = count
        }
        var values: [Float] = []
        values.reserveCapacity(count)
        for word in words {
            let value = Float(bitPattern: UInt32(littleEndian: word))
            guard !value.isNaN || value.bitPattern == nan else { throw .invalid("a NaN other than 0x7fc00000") }
            values.append(value)
        }
        return values
    }
}
