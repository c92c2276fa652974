/// Reads the fields of one protobuf message in the order in which they were sent.
///
/// The caller loops over ``next()``, takes the field numbers it knows and ignores the rest: that is how unknown fields
/// are skipped. Protobuf is not canonical: varints may be longer than needed and fields may come in any order or twice.
package struct ProtobufReader: Sendable {
    /// One field of a message.
    package struct Field: Sendable {
        package let number: UInt32
        package let value: Value

        /// - Throws: ``WireError`` unless the field was sent as a varint.
        package func varint() throws(WireError) -> UInt64 {
            guard case .varint(let value) = value else { throw mismatch("a varint") }
            return value
        }

        package func bool() throws(WireError) -> Bool { try varint() != 0 }

        /// - Throws: ``WireError`` unless the field was sent as at most `limit` bytes.
        package func bytes(limit: Int) throws(WireError) -> [UInt8] {
            guard case .bytes(let bytes) = value else { throw mismatch("bytes") }
            guard bytes.count <= limit else { throw .tooLong(length: UInt64(bytes.count), limit: UInt64(limit)) }
            return bytes
        }

        /// - Throws: ``WireError`` unless the field was sent as at most `limit` bytes of UTF-8.
        package func string(limit: Int) throws(WireError) -> String {
            guard let text = String(validating: try bytes(limit: limit), as: UTF8.self) else {
                throw .invalid("field \(number) is not UTF-8")
            }
            return text
        }

        /// - Throws: ``WireError`` unless the field was sent as a nested message of at most `limit` bytes.
        package func message(limit: Int) throws(WireError) -> ProtobufReader {
            try ProtobufReader(bytes(limit: limit))
        }

        private func mismatch(_ wanted: String) -> WireError { .invalid("field \(number) is not \(wanted)") }
    }

    package enum Value: Hashable, Sendable {
        case varint(UInt64)
        case fixed64(UInt64)
        case bytes([UInt8])
        case fixed32(UInt32)
    }

    /// Groups are obsolete and always unknown here; deeper ones than any real message has are refused.
    private static let groupDepth = 16

    private var reader: ByteReader
    private var fieldsLeft: Int

    /// - Parameter fieldLimit: the most fields accepted, known and unknown together.
    package init(_ bytes: [UInt8], fieldLimit: Int = 16_384) {
        reader = ByteReader(bytes)
        fieldsLeft = fieldLimit
    }

    /// - Returns: the next field, or nil at the end of the message.
    package mutating func next() throws(WireError) -> Field? {
        while reader.remaining > 0 {
            guard fieldsLeft > 0 else { throw .invalid("too many fields in one message") }
            fieldsLeft -= 1
            let (number, type) = try readTag()
            switch type {
            case .groupStart: try skipGroup(number)
            case .groupEnd: throw .invalid("the end of a group that was not begun")
            default: return Field(number: number, value: try readValue(type))
            }
        }
        return nil
    }

    private mutating func readTag() throws(WireError) -> (UInt32, ProtobufWireType) {
        let tag = try readLooseVarint()
        let number = tag >> 3
        guard number >= 1, number < 1 << 29 else { throw .unknownTag(number, of: "protobuf field") }
        guard let type = ProtobufWireType(rawValue: UInt8(tag & 7)) else {
            throw .unknownTag(tag & 7, of: "protobuf wire type")
        }
        return (UInt32(number), type)
    }

    private mutating func readValue(_ type: ProtobufWireType) throws(WireError) -> Value {
        switch type {
        case .varint: return .varint(try readLooseVarint())
        case .fixed64: return .fixed64(try reader.readUInt64().byteSwapped)
        case .fixed32: return .fixed32(try reader.readUInt32().byteSwapped)
        case .bytes:
            let length = try readLooseVarint()
            guard length <= UInt64(reader.remaining) else {
                throw .truncated(needed: Int(clamping: length), available: reader.remaining)
            }
            return .bytes(try reader.readRaw(Int(length)))
        case .groupStart, .groupEnd: throw .unknownTag(UInt64(type.rawValue), of: "protobuf wire type")
        }
    }

    private mutating func skipGroup(_ outer: UInt32) throws(WireError) {
        var open = [outer]
        while let innermost = open.last {
            guard fieldsLeft > 0 else { throw .invalid("too many fields in one message") }
            fieldsLeft -= 1
            let (number, type) = try readTag()
            switch type {
            case .groupStart:
                guard open.count < Self.groupDepth else { throw .invalid("groups are nested too deeply") }
                open.append(number)
            case .groupEnd:
                guard number == innermost else { throw .invalid("the end of a group that was not begun") }
                open.removeLast()
            default: _ = try readValue(type)
            }
        }
    }

    /// A varint of up to ten bytes, as protobuf sends negative numbers; bits above the 64th are dropped.
    private mutating func readLooseVarint() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<10 {
            let byte = try reader.readUInt8()
            value |= UInt64(byte & 0x7f) << UInt64(7 * index)
            if byte < 0x80 { return value }
        }
        throw .malformedVarint
    }
}
