/// The product of one row of weights and one vector, in both arithmetics: what a referee recomputes.
extension Reference {
    /// A row of weights as floats.
    /// - Precondition: the bytes are whole blocks of the type.
    package static func dequantized(_ row: [UInt8], _ type: WeightType) -> [Float] {
        precondition(row.count % type.blockBytes == 0, "\(row.count) bytes are not whole blocks of \(type)")
        func half(_ i: Int) -> UInt16 { UInt16(row[2 * i]) | UInt16(row[2 * i + 1]) << 8 }
        switch type {
        case .float32:
            return (0..<row.count / 4).map { i in
                Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(row[4 * i + $1]) << (8 * $1) })
            }
        case .float16: return (0..<row.count / 2).map { HalfFloat.value(half($0)) }
        case .bfloat16: return (0..<row.count / 2).map { HalfFloat.value(brain: half($0)) }
        default:
            return QuantizedBlock.blocks(row, type).flatMap { block in
                block.integers.enumerated().map { i, integer in
                    let product = block.scale * Float(block.factors[i / 16] * integer)
                    return block.hasOffset ? product + block.offset : product
                }
            }
        }
    }

    /// Arithmetic float32: one chain of fused multiply-adds along the row.
    package static func rowProduct(_ row: [UInt8], _ type: WeightType, _ x: [Float]) -> Float {
        let weights = dequantized(row, type)
        precondition(weights.count == x.count, "a row of \(weights.count) weights and \(x.count) values")
        var sum: Float = 0
        for (weight, value) in zip(weights, x) { sum.addProduct(weight, value) }
        return sum
    }

    /// Arithmetic int8: exact integer sums inside a block, then one chain over the blocks. Weights that are not quantised
    /// are multiplied as in float32.
    package static func rowProduct(_ row: [UInt8], _ type: WeightType, integers x: [Float]) -> Float {
        guard type.isQuantized else { return rowProduct(row, type, x) }
        let blocks = QuantizedBlock.blocks(row, type)
        precondition(blocks.count * QuantizedBlock.length == x.count, "a row and a vector of different lengths")
        var sum: Float = 0
        for (block, activations) in zip(blocks, QuantizedActivations.blocks(x)) {
            var dot: Int32 = 0, total: Int32 = 0
            for (i, activation) in activations.integers.enumerated() {
                dot += block.factors[i / 16] * block.integers[i] * activation
                total += activation
            }
            sum.addProduct(block.scale * activations.scale, Float(dot))
            if block.hasOffset { sum.addProduct(block.offset, activations.scale * Float(total)) }
        }
        return sum
    }
}

/// Thirty-two activations as integers from −127 to 127: value i is about `scale · integers[i]`.
package struct QuantizedActivations: Hashable, Sendable {
    package var scale: Float
    package var integers: [Int32]

    /// Blocks whose largest magnitude is smaller than this become zero: below, 127 ÷ magnitude would overflow.
    package static let smallest: Float = 0x1p-100

    /// `largest` = the largest magnitude; scale = largest ÷ 127; each value times (127 ÷ largest), held between −127 and 127
    /// (a NaN becomes −127), rounded to the nearest integer, half to even.
    /// - Precondition: a whole number of blocks.
    package static func blocks(_ x: [Float]) -> [QuantizedActivations] {
        let length = QuantizedBlock.length
        precondition(x.count % length == 0, "\(x.count) values are not whole blocks of \(length)")
        return stride(from: 0, to: x.count, by: length).map { start in
            let values = x[start..<start + length]
            var largest: Float = 0
            for value in values where value.magnitude > largest { largest = value.magnitude }
            guard largest >= smallest else {
                return QuantizedActivations(scale: 0, integers: Array(repeating: 0, count: length))
            }
            let factor = 127 / largest
            let integers = values.map { value -> Int32 in
                let scaled = value * factor
                let low: Float = scaled > -127 ? scaled : -127
                let held: Float = low < 127 ? low : 127
                return Int32(held.rounded(.toNearestOrEven))
            }
            return QuantizedActivations(scale: largest / 127, integers: integers)
        }
    }
}
