/// Writes the protobuf wire format, field by field in the order of the calls.
///
/// Source: protobuf.dev "Encoding". Only the forms libp2p uses: varints, bytes, fixed widths and nested messages.
package struct ProtobufWriter: Sendable {
    private var writer = ByteWriter()

    package init() {}

    package var bytes: [UInt8] { writer.bytes }

    package mutating func write(_ field: UInt32, varint value: UInt64) {
        writeTag(field, .varint)
        writer.writeVarint(value)
    }

    package mutating func write(_ field: UInt32, bool value: Bool) { write(field, varint: value ? 1 : 0) }

    package mutating func write(_ field: UInt32, bytes value: [UInt8]) {
        writeTag(field, .bytes)
        writer.writePrefixed(value)
    }

    package mutating func write(_ field: UInt32, string value: String) { write(field, bytes: Array(value.utf8)) }

    package mutating func write(_ field: UInt32, fixed32 value: UInt32) {
        writeTag(field, .fixed32)
        writer.write(value.byteSwapped)
    }

    package mutating func write(_ field: UInt32, fixed64 value: UInt64) {
        writeTag(field, .fixed64)
        writer.write(value.byteSwapped)
    }

    /// Writes a nested message.
    package mutating func write(_ field: UInt32, message body: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        body(&inner)
        write(field, bytes: inner.bytes)
    }

    private mutating func writeTag(_ field: UInt32, _ type: ProtobufWireType) {
        precondition(field >= 1 && field < 1 << 29, "protobuf field numbers are 1 to 2^29 - 1")
        writer.writeVarint(UInt64(field) << 3 | UInt64(type.rawValue))
    }
}

/// The low three bits of a protobuf tag.
enum ProtobufWireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case bytes = 2
    case groupStart = 3
    case groupEnd = 4
    case fixed32 = 5
}
