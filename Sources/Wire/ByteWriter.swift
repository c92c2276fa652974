/// Appends values in the one canonical form: big-endian integers of fixed width, shortest varints, length-prefixed bytes.
package struct ByteWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    package mutating func write(_ value: UInt8) { bytes.append(value) }
    package mutating func write(_ value: UInt16) { writeBigEndian(value) }
    package mutating func write(_ value: UInt32) { writeBigEndian(value) }
    package mutating func write(_ value: UInt64) { writeBigEndian(value) }
    package mutating func write(_ value: Int64) { writeBigEndian(UInt64(bitPattern: value)) }
    package mutating func write(_ value: Bool) { bytes.append(value ? 1 : 0) }

    /// Appends `value` as an unsigned LEB128 varint in its shortest form (multiformats unsigned-varint, up to 64 bits).
    package mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends the bytes as they are, without a length.
    package mutating func writeRaw(_ raw: some Sequence<UInt8>) { bytes.append(contentsOf: raw) }

    /// Appends a varint length, then the bytes.
    package mutating func writePrefixed(_ raw: [UInt8]) {
        writeVarint(UInt64(raw.count))
        bytes.append(contentsOf: raw)
    }

    /// Appends the UTF-8 of `text` with a varint length.
    package mutating func write(_ text: String) { writePrefixed(Array(text.utf8)) }

    package mutating func write(_ value: some Canonical) { value.encode(into: &self) }

    /// Appends 0 for nil, or 1 and the value.
    package mutating func write(optional value: (some Canonical)?) {
        write(value != nil)
        if let value { write(value) }
    }

    /// Appends a varint count, then each value.
    package mutating func write(list values: [some Canonical]) {
        writeVarint(UInt64(values.count))
        for value in values { write(value) }
    }

    private mutating func writeBigEndian(_ value: some FixedWidthInteger & UnsignedInteger) {
        unsafe withUnsafeBytes(of: value.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }
}
