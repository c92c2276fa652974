/// Stored rows as floats, in plain loops: what each type means.
///
/// A weight is `d·q`, `d·q + m` or `d·s·q − d'·m'` with sixteen-bit d, m and small integers: each product is exact in 32 bits
/// (at most 24 significant bits), and one addition rounds. So no order of operations and no fused multiply-add changes a bit.
package enum Dequantisation {
    /// - Precondition: `bytes` are a whole number of blocks.
    package static func row(_ bytes: [UInt8], type: TensorType) -> [Float] {
        precondition(bytes.count.isMultiple(of: type.blockBytes), "\(bytes.count) bytes are no row of \(type.name)")
        var values: [Float] = []
        values.reserveCapacity(bytes.count / type.blockBytes * type.blockCount)
        for start in stride(from: 0, to: bytes.count, by: type.blockBytes) {
            append(Block(bytes: bytes, start: start), type, &values)
        }
        return values
    }

    private struct Block {
        let bytes: [UInt8]
        let start: Int

        subscript(index: Int) -> Int { Int(bytes[start + index]) }
        func signed(_ index: Int) -> Int { Int(Int8(bitPattern: bytes[start + index])) }
        func word(_ index: Int) -> UInt16 { UInt16(self[index]) | UInt16(self[index + 1]) << 8 }
        func half(_ index: Int) -> Float { HalfPrecision.float(word(index)) }
    }

    private static func append(_ block: Block, _ type: TensorType, _ values: inout [Float]) {
        switch type {
        case .float32: values.append(Float(bitPattern: UInt32(block.word(0)) | UInt32(block.word(2)) << 16))
        case .float16: values.append(block.half(0))
        case .bfloat16: values.append(HalfPrecision.float(brain: block.word(0)))
        case .q8_0: for j in 0..<32 { values.append(block.half(0) * Float(block.signed(2 + j))) }
        case .q4_0: for j in 0..<32 { values.append(block.half(0) * Float(nibble(block, 2, j) - 8)) }
        case .q4_1: for j in 0..<32 { values.append(block.half(0) * Float(nibble(block, 4, j)) + block.half(2)) }
        case .q5_0:
            for j in 0..<32 { values.append(block.half(0) * Float((nibble(block, 6, j) | fifth(block, 2, j)) - 16)) }
        case .q5_1:
            for j in 0..<32 {
                values.append(block.half(0) * Float(nibble(block, 8, j) | fifth(block, 4, j)) + block.half(2))
            }
        case .q4_K: appendQ4K(block, &values)
        case .q6_K: appendQ6K(block, &values)
        }
    }

    /// Number j of a block of 32: the low halves of 16 bytes, then the high halves.
    private static func nibble(_ block: Block, _ offset: Int, _ j: Int) -> Int {
        j < 16 ? block[offset + j] & 15 : block[offset + j - 16] >> 4
    }

    /// Bit j of the four bytes of fifth bits, as 0 or 16.
    private static func fifth(_ block: Block, _ offset: Int, _ j: Int) -> Int {
        (block[offset + j / 8] >> (j % 8) & 1) << 4
    }

    /// d, d', 12 bytes with eight scales and eight minima of 6 bits, 128 bytes of halves: 32 low, 32 high, and so on.
    private static func appendQ4K(_ block: Block, _ values: inout [Float]) {
        for group in 0..<8 {
            let (scale, minimum) =
                group < 4
                ? (block[4 + group] & 63, block[8 + group] & 63)
                : (
                    block[8 + group] & 15 | (block[group] >> 6) << 4,
                    block[8 + group] >> 4 | (block[4 + group] >> 6) << 4
                )
            let (d, m) = (block.half(0) * Float(scale), block.half(2) * Float(minimum))
            for l in 0..<32 {
                let byte = block[16 + group / 2 * 32 + l]
                values.append(d * Float(group % 2 == 0 ? byte & 15 : byte >> 4) - m)
            }
        }
    }

    /// 128 bytes of low halves, 64 bytes of upper pairs of bits, 16 signed scales, d.
    private static func appendQ6K(_ block: Block, _ values: inout [Float]) {
        for half in 0..<2 {
            for quarter in 0..<4 {
                for l in 0..<32 {
                    let low = block[64 * half + 32 * (quarter % 2) + l]
                    let high = block[128 + 32 * half + l] >> (2 * quarter) & 3
                    let q = (quarter < 2 ? low & 15 : low >> 4) | high << 4
                    let scale = block.signed(192 + 8 * half + 2 * quarter + l / 16)
                    values.append(block.half(208) * Float(scale) * Float(q - 32))
                }
            }
        }
    }
}
