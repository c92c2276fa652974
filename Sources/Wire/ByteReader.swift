/// Reads canonical bytes front to back; refuses every form that ``ByteWriter`` would not have written.
package struct ByteReader: Sendable {
    private let bytes: [UInt8]
    private(set) package var offset = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var remaining: Int { bytes.count - offset }

    package mutating func readUInt8() throws(WireError) -> UInt8 {
        guard offset < bytes.count else { throw .truncated(needed: 1, available: 0) }
        defer { offset += 1 }
        return bytes[offset]
    }

    package mutating func readUInt16() throws(WireError) -> UInt16 { try readBigEndian() }
    package mutating func readUInt32() throws(WireError) -> UInt32 { try readBigEndian() }
    package mutating func readUInt64() throws(WireError) -> UInt64 { try readBigEndian() }
    package mutating func readInt64() throws(WireError) -> Int64 { Int64(bitPattern: try readBigEndian()) }

    package mutating func readBool() throws(WireError) -> Bool {
        switch try readUInt8() {
        case 0: return false
        case 1: return true
        case let other: throw .unknownTag(UInt64(other), of: "Bool")
        }
    }

    /// Reads an unsigned LEB128 varint; a longer form than needed is an error.
    package mutating func readVarint() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try readUInt8()
            if shift == 63, byte > 1 { throw .malformedVarint }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 {
                if byte == 0, shift > 0 { throw .malformedVarint }
                return value
            }
            shift += 7
            if shift > 63 { throw .malformedVarint }
        }
    }

    package mutating func readRaw(_ count: Int) throws(WireError) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw .truncated(needed: count, available: remaining) }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    /// Reads a varint length of at most `limit`, then that many bytes. Nothing is allocated before the length is checked.
    package mutating func readPrefixed(limit: Int) throws(WireError) -> [UInt8] {
        let length = try readVarint()
        guard length <= UInt64(limit) else { throw .tooLong(length: length, limit: UInt64(limit)) }
        return try readRaw(Int(length))
    }

    /// Reads a length-prefixed string of at most `limit` bytes of valid UTF-8.
    package mutating func readString(limit: Int) throws(WireError) -> String {
        guard let text = String(validating: try readPrefixed(limit: limit), as: UTF8.self) else {
            throw .invalid("text is not UTF-8")
        }
        return text
    }

    package mutating func read<Value: Canonical>(_ type: Value.Type = Value.self) throws(WireError) -> Value {
        try Value.decode(from: &self)
    }

    package mutating func readOptional<Value: Canonical>(
        _ type: Value.Type = Value.self
    ) throws(WireError) -> Value? {
        try readBool() ? try Value.decode(from: &self) : nil
    }

    /// Reads a varint count of at most `limit`, then that many values.
    package mutating func readList<Value: Canonical>(
        _ type: Value.Type = Value.self, limit: Int
    ) throws(WireError) -> [Value] {
        let count = try readVarint()
        guard count <= UInt64(limit) else { throw .tooLong(length: count, limit: UInt64(limit)) }
        var values: [Value] = []
        for _ in 0..<count { values.append(try Value.decode(from: &self)) }
        return values
    }

    /// Ends the reading.
    /// - Throws: ``WireError/trailing(count:)`` when bytes are left.
    package func finish() throws(WireError) {
        guard remaining == 0 else { throw .trailing(count: remaining) }
    }

    private mutating func readBigEndian<Value: FixedWidthInteger & UnsignedInteger>() throws(WireError) -> Value {
        let width = Value.bitWidth / 8
        guard remaining >= width else { throw .truncated(needed: width, available: remaining) }
        var value: Value = 0
        for _ in 0..<width {
            value = value << 8 | Value(truncatingIfNeeded: bytes[offset])
            offset += 1
        }
        return value
    }
}
