/// Joins the accepted updates of a round into the next model, in integers, so that every node gets the same bits.
///
/// Rules, for each tensor with exponents `e_i`, integers `q_i` and weights `n_i` (training samples of the worker's shard):
/// 1. `E = max e_i − 20`. `t_i = q_i × 2^(e_i − E)`, exact for `e_i ≥ E`, else rounded to the nearest integer, ties to even.
/// 2. `sum = Σ n_i × t_i` in 64-bit integers: |sum| < 2^15 × 2^20 × 2^23 = 2^58, and addition of integers has no order.
/// 3. `mean = sum ÷ Σ n_i`, rounded to the nearest integer, ties to even.
/// 4. `new = f32(f64(base) + f64(mean) × 2^E)`: the conversions and the product are exact, the sum and the last step round
///    once each, to nearest even.
package enum Aggregation {
    package struct Contribution: Sendable {
        /// Number of training samples; from the public partition, never from the worker's own word.
        package let weight: UInt32
        package let delta: QuantisedDelta

        package init(weight: UInt32, delta: QuantisedDelta) {
            self.weight = weight
            self.delta = delta
        }
    }

    package enum Failure: Error, Hashable, Sendable {
        /// Nothing to join.
        case empty
        /// Weights must be positive and together at most ``Aggregation/weightLimit``.
        case weight(UInt64)
        /// Contribution `index` does not have the shape of the model.
        case shape(index: Int)
        /// The new parameter at this index is infinite.
        case outOfRange(index: Int)
    }

    /// 2^23 samples a round keep every sum below 2^58.
    package static let weightLimit: UInt64 = 1 << 23
    /// Bits kept below the coarsest quantum of a tensor.
    private static let headroom = 20

    /// - Parameter contributions: in the canonical order of workers; the result does not depend on it.
    package static func apply(
        _ contributions: [Contribution], to base: [Float], tensors: [Int]
    ) throws(Failure) -> [Float] {
        guard !contributions.isEmpty else { throw .empty }
        var total: UInt64 = 0
        for (index, contribution) in contributions.enumerated() {
            guard contribution.weight > 0 else { throw .weight(0) }
            total += UInt64(contribution.weight)
            guard total <= weightLimit else { throw .weight(total) }
            guard contribution.delta.blocks.map(\.values.count) == tensors else { throw .shape(index: index) }
        }
        guard base.count == tensors.reduce(0, +) else { throw .shape(index: -1) }
        var parameters: [Float] = []
        parameters.reserveCapacity(base.count)
        for tensor in tensors.indices {
            try join(contributions, tensor: tensor, total: Int64(total), base: base, into: &parameters)
        }
        return parameters
    }

    private static func join(
        _ contributions: [Contribution], tensor: Int, total: Int64, base: [Float], into parameters: inout [Float]
    ) throws(Failure) {
        let blocks = contributions.map { $0.delta.blocks[tensor] }
        let exponent = (blocks.map(\.exponent).max() ?? 0) - headroom
        var sums = [Int64](repeating: 0, count: blocks.first?.values.count ?? 0)
        for (block, contribution) in zip(blocks, contributions) {
            let weight = Int64(contribution.weight)
            let shift = block.exponent - exponent
            for index in sums.indices { sums[index] += weight * scaled(Int64(block.values[index]), by: shift) }
        }
        let scale = Double(sign: .plus, exponent: exponent, significand: 1)
        for sum in sums {
            let value = Float(Double(base[parameters.count]) + Double(divideHalfEven(sum, total)) * scale)
            guard value.isFinite else { throw .outOfRange(index: parameters.count) }
            parameters.append(value)
        }
    }

    /// `value × 2^shift`, rounded half to even when the shift is negative.
    static func scaled(_ value: Int64, by shift: Int) -> Int64 {
        if shift >= 0 { return value << Int64(shift) }
        // |value| < 2^15: after 17 places nothing is left, and a shift of 62 would not fit a divisor.
        return shift < -17 ? 0 : divideHalfEven(value, 1 << Int64(-shift))
    }

    /// `numerator ÷ denominator` for a positive denominator, to the nearest integer, ties to even.
    static func divideHalfEven(_ numerator: Int64, _ denominator: Int64) -> Int64 {
        let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
        let twice = remainder.magnitude * 2
        let divisor = denominator.magnitude
        if twice > divisor || (twice == divisor && !quotient.isMultiple(of: 2)) {
            return numerator < 0 ? quotient - 1 : quotient + 1
        }
        return quotient
    }
}
