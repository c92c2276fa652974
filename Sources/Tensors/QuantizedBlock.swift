/// Thirty-two weights of a row as integers: weight i is `scale · factors[i / 16] · integers[i] + offset`.
///
/// The products are exact in a float for every type; only the addition of the offset rounds.
package struct QuantizedBlock: Hashable, Sendable {
    /// Weights of one block, and of one block of activations.
    package static let length = 32

    package var scale: Float
    /// Zero for the types that have none: see ``hasOffset``.
    package var offset: Float
    package var hasOffset: Bool
    /// One for all types but Q6_K, whose halves have integer scales of their own.
    package var factors: [Int32]
    package var integers: [Int32]

    /// The blocks of a row, in order.
    /// - Precondition: the type is quantised, and the bytes are whole blocks of it.
    package static func blocks(_ row: [UInt8], _ type: WeightType) -> [QuantizedBlock] {
        precondition(type.isQuantized, "\(type) has no blocks")
        precondition(row.count % type.blockBytes == 0, "\(row.count) bytes are not whole blocks of \(type)")
        return stride(from: 0, to: row.count, by: type.blockBytes).flatMap { start in
            let block = Array(row[start..<start + type.blockBytes])
            return switch type {
            case .q4_K: fourBit(super: block)
            case .q6_K: sixBit(super: block)
            default: [small(block, type)]
            }
        }
    }

    private static func small(_ block: [UInt8], _ type: WeightType) -> QuantizedBlock {
        let hasOffset = type == .q4_1 || type == .q5_1
        var place = hasOffset ? 4 : 2
        var fifth: UInt32 = 0
        let hasFifth = type == .q5_0 || type == .q5_1
        if hasFifth {
            for byte in 0..<4 { fifth |= UInt32(block[place + byte]) << (8 * byte) }
            place += 4
        }
        let integers = (0..<length).map { i -> Int32 in
            if type == .q8_0 { return Int32(Int8(bitPattern: block[place + i])) }
            let byte = block[place + i % 16]
            let value = Int32(i < 16 ? byte & 15 : byte >> 4) | Int32(fifth >> i & 1) << 4
            return type == .q4_0 ? value - 8 : type == .q5_0 ? value - 16 : value
        }
        return QuantizedBlock(
            scale: HalfFloat.value(block[0], block[1]), offset: hasOffset ? HalfFloat.value(block[2], block[3]) : 0,
            hasOffset: hasOffset, factors: [1, 1], integers: integers)
    }

    /// Q4_K: eight blocks whose six-bit scales and offsets are packed into twelve bytes.
    private static func fourBit(super block: [UInt8]) -> [QuantizedBlock] {
        let scale = HalfFloat.value(block[0], block[1]), offset = HalfFloat.value(block[2], block[3])
        let packed = block[4..<16].map(Int.init)
        return (0..<8).map { j in
            let s = j < 4 ? packed[j] & 63 : packed[j + 4] & 15 | (packed[j - 4] >> 6) << 4
            let m = j < 4 ? packed[j + 4] & 63 : packed[j + 4] >> 4 | (packed[j] >> 6) << 4
            let integers = (0..<length).map { i -> Int32 in
                let byte = block[16 + j / 2 * 32 + i]
                return Int32(j % 2 == 0 ? byte & 15 : byte >> 4)
            }
            return QuantizedBlock(
                scale: scale * Float(s), offset: -(offset * Float(m)), hasOffset: true, factors: [1, 1],
                integers: integers)
        }
    }

    /// Q6_K: four low bits, two high bits, and a signed scale for every sixteen weights.
    private static func sixBit(super block: [UInt8]) -> [QuantizedBlock] {
        let scale = HalfFloat.value(block[208], block[209])
        return (0..<8).map { j in
            let (half, quarter) = (j / 4, j % 4)
            let integers = (0..<length).map { i -> Int32 in
                let low = block[half * 64 + (quarter & 1) * 32 + i] >> (quarter < 2 ? 0 : 4) & 15
                let high = block[128 + half * 32 + i] >> (2 * quarter) & 3
                return Int32(low | high << 4) - 32
            }
            let factors = [block[192 + 2 * j], block[193 + 2 * j]].map { Int32(Int8(bitPattern: $0)) }
            return QuantizedBlock(scale: scale, offset: 0, hasOffset: false, factors: factors, integers: integers)
        }
    }
}

/// Sixteen-bit floats, widened exactly.
package enum HalfFloat {
    /// The value of an IEEE 754 binary16 number.
    package static func value(_ bits: UInt16) -> Float {
        let magnitude = UInt32(bits & 0x7fff) << 13
        let sign = UInt32(bits & 0x8000) << 16
        // As a float it is 2^112 too small, denormals included; infinities and NaN keep the largest exponent.
        let finite = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
        return Float(bitPattern: sign | (magnitude >= 0x0f80_0000 ? magnitude | 0x7f80_0000 : finite))
    }

    /// bfloat16: the upper half of a 32-bit float.
    package static func value(brain bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    package static func value(_ low: UInt8, _ high: UInt8) -> Float { value(UInt16(low) | UInt16(high) << 8) }
}
