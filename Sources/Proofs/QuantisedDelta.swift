internal import Models
package import Wire

/// The change of a model by one round of one worker, in fixed point: per tensor a power of two and small integers.
///
/// Entry `j` of block `b` stands for `values[j] × 2^exponent`. Encoding: the width in bits (one byte), a varint count of
/// blocks, then for each block the exponent plus 64 (one byte), a varint count of values, and the values in two's complement,
/// big-endian. The most negative integer of the width is not a value, so that the range is symmetric.
package struct QuantisedDelta: Hashable, Sendable, Canonical {
    package enum Width: UInt8, Sendable, CaseIterable {
        case int8 = 8
        case int16 = 16

        /// The largest magnitude of a value: 127 or 32,767.
        package var limit: Int16 { self == .int8 ? 127 : 32767 }
    }

    package struct Block: Hashable, Sendable {
        /// Within ``QuantisedDelta/exponents``.
        package let exponent: Int
        package let values: [Int16]

        package init(exponent: Int, values: [Int16]) {
            self.exponent = exponent
            self.values = values
        }
    }

    /// 2^-64 is far below the smallest step that still moves an f32 weight of ordinary size; 2^15 × 127 is far above any.
    package static let exponents = -64...15
    /// Two blocks for each layer: 512 layers.
    package static let blockLimit = 1024

    package let width: Width
    package let blocks: [Block]

    package init(width: Width, blocks: [Block]) {
        self.width = width
        self.blocks = blocks
    }

    /// The number of values in all blocks.
    package var count: Int { blocks.reduce(0) { $0 + $1.values.count } }

    package func encode(into writer: inout ByteWriter) {
        writer.write(width.rawValue)
        writer.writeVarint(UInt64(blocks.count))
        for block in blocks {
            writer.write(UInt8(truncatingIfNeeded: block.exponent + 64))
            writer.writeVarint(UInt64(block.values.count))
            switch width {
            case .int8: writer.writeRaw(block.values.lazy.map { UInt8(truncatingIfNeeded: $0) })
            case .int16:
                var raw: [UInt8] = []
                raw.reserveCapacity(block.values.count * 2)
                for value in block.values {
                    raw.append(UInt8(truncatingIfNeeded: value >> 8))
                    raw.append(UInt8(truncatingIfNeeded: value))
                }
                writer.writeRaw(raw)
            }
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> QuantisedDelta {
        let tag = try reader.readUInt8()
        guard let width = Width(rawValue: tag) else { throw .unknownTag(UInt64(tag), of: "QuantisedDelta.Width") }
        let count = try reader.readVarint()
        guard count <= UInt64(blockLimit) else { throw .tooLong(length: count, limit: UInt64(blockLimit)) }
        var blocks: [Block] = []
        for _ in 0..<count { blocks.append(try decodeBlock(width, from: &reader)) }
        return QuantisedDelta(width: width, blocks: blocks)
    }

    private static func decodeBlock(_ width: Width, from reader: inout ByteReader) throws(WireError) -> Block {
        let exponent = Int(try reader.readUInt8()) - 64
        guard exponents.contains(exponent) else { throw .invalid("exponent \(exponent) of a delta is out of range") }
        let count = try reader.readVarint()
        let limit = UInt64(MLP.parameterLimit)
        guard count <= limit else { throw .tooLong(length: count, limit: limit) }
        // readRaw checks the length against the bytes that are there before anything is allocated.
        let raw = try reader.readRaw(Int(count) * Int(width.rawValue / 8))
        let values: [Int16]
        switch width {
        case .int8: values = raw.map { Int16(Int8(bitPattern: $0)) }
        case .int16:
            values = (0..<Int(count)).map { index in
                Int16(bitPattern: UInt16(raw[index * 2]) << 8 | UInt16(raw[index * 2 + 1]))
            }
        }
        guard values.allSatisfy({ $0 >= -width.limit }) else { throw .invalid("a value of a delta is out of range") }
        return Block(exponent: exponent, values: values)
    }
}
