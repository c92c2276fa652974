/// Turns the result of a round into integers, and keeps what the rounding lost for the next round (error feedback).
///
/// Exact rules, all in IEEE 754 binary32 with rounding to nearest even and no fused operation:
/// 1. `d[j] = (trained[j] − base[j]) + residual[j]`, two roundings in this order.
/// 2. Per tensor, `e` is the smallest exponent of ``QuantisedDelta/exponents`` with `max |d| ≤ limit × 2^e`.
/// 3. `q[j]` is `d[j] × 2^−e` rounded to the nearest integer, ties to even. The product is exact unless it is below one half.
/// 4. `next[j] = d[j] − q[j] × 2^e`, which is exact: both terms are multiples of one ulp and their difference is smaller.
///
/// Source of the scheme: Karimireddy et al. 2019, arXiv:1901.09847 (error feedback); the power-of-two scale is what makes
/// sums of several workers' integers exact.
package enum DeltaCodec {
    package enum Failure: Error, Hashable, Sendable {
        /// The vectors and the tensor sizes do not describe one model.
        case shape(expected: Int, found: Int)
        /// The change at this index is infinite, not a number, or above what the largest exponent reaches: training diverged.
        case outOfRange(index: Int)
    }

    /// - Parameter tensors: the number of parameters of each tensor, in canonical order.
    /// - Returns: the integers, and the residual that the next round of this worker starts with.
    package static func encode(
        base: [Float], trained: [Float], residual: [Float], tensors: [Int], width: QuantisedDelta.Width
    ) throws(Failure) -> (delta: QuantisedDelta, residual: [Float]) {
        let count = tensors.reduce(0, +)
        for found in [base.count, trained.count, residual.count] where found != count {
            throw .shape(expected: count, found: found)
        }
        var next = (0..<count).map { (trained[$0] - base[$0]) + residual[$0] }
        var blocks: [QuantisedDelta.Block] = []
        var start = 0
        for size in tensors {
            let range = start..<start + size
            blocks.append(try quantise(&next, range, width: width))
            start += size
        }
        return (QuantisedDelta(width: width, blocks: blocks), next)
    }

    /// Replaces the entries of `values` in `range` by what their integers leave over.
    private static func quantise(
        _ values: inout [Float], _ range: Range<Int>, width: QuantisedDelta.Width
    ) throws(Failure) -> QuantisedDelta.Block {
        var largest: Float = 0
        for index in range {
            guard values[index].isFinite else { throw .outOfRange(index: index) }
            largest = max(largest, abs(values[index]))
        }
        let exponent = exponent(for: largest, limit: width.limit)
        guard exponent <= QuantisedDelta.exponents.upperBound else {
            throw .outOfRange(index: values[range].firstIndex { abs($0) == largest } ?? range.lowerBound)
        }
        let scale = Float(sign: .plus, exponent: exponent, significand: 1)
        let inverse = Float(sign: .plus, exponent: -exponent, significand: 1)
        let integers = range.map { index in
            let rounded = roundHalfEven(values[index] * inverse)
            values[index] -= rounded * scale
            return Int16(rounded)
        }
        return QuantisedDelta.Block(exponent: exponent, values: integers)
    }

    /// The smallest allowed exponent that brings `largest` within `limit`; above the allowed range when none does.
    static func exponent(for largest: Float, limit: Int16) -> Int {
        let bounds = QuantisedDelta.exponents
        guard largest > 0 else { return bounds.lowerBound }
        // limit = 2^(n+1) − 1, so that 2^n ≤ limit < 2^(n+1).
        let top = Int(Float(limit).exponent)
        let guess = Int(largest.exponent) - top
        let fits = largest.significand * Float(sign: .plus, exponent: top, significand: 1) <= Float(limit)
        return max(bounds.lowerBound, fits ? guess : guess + 1)
    }

    /// Adding and subtracting 1.5 × 2^23 leaves the nearest integer, ties to even, for |x| ≤ 2^22.
    static func roundHalfEven(_ value: Float) -> Float { (value + 12_582_912) - 12_582_912 }
}
