/// Cosines and sines of rotary position embeddings, from the four operations of double precision alone: no libm.
package struct RotaryTable: Sendable, Hashable {
    /// Radians per position of each pair.
    package let frequencies: [Double]

    /// Frequency j is `base^(−j ÷ pairs)`, divided by `factors[j]` where the model has such.
    /// - Precondition: base > 0; as many factors as pairs, or none.
    package init(pairs: Int, base: Double, factors: [Float] = []) {
        precondition(
            base > 0 && (factors.isEmpty || factors.count == pairs), "\(factors.count) factors of \(pairs) pairs")
        let logarithm = DoubleFunctions.logarithm(base)
        frequencies = (0..<pairs).map { j in
            let frequency = DoubleFunctions.exponential(-logarithm * Double(j) / Double(pairs))
            return factors.isEmpty ? frequency : frequency / Double(factors[j])
        }
    }

    /// The cosines and sines of one position, each the float nearest to a double within 2⁻⁴⁹ of the exact value of
    /// `position · frequency` (for angles below 2²⁰).
    package func row(position: Int) -> (cosines: [Float], sines: [Float]) {
        let values = frequencies.map { DoubleFunctions.cosineAndSine(Double(position) * $0) }
        return (values.map { Float($0.cosine) }, values.map { Float($0.sine) })
    }
}

/// Functions of double-precision numbers composed of +, −, ×, ÷ only, so that they have the same bits everywhere.
/// Error of each at most 2⁻⁴⁹ relative (absolute for sine and cosine), for the ranges stated.
package enum DoubleFunctions {
    private static let logarithmOfTwo = (high: 0x1.62e42feep-1, low: 0x1.a39ef35793c76p-33)

    /// e^x for −700 ≤ x ≤ 700: x = n·ln 2 + r, the Taylor series of e^r up to r¹³, times 2^n.
    package static func exponential(_ x: Double) -> Double {
        precondition(x >= -700 && x <= 700, "e^\(x) is outside the range of this function")
        let n = (x / 0x1.62e42fefa39efp-1).rounded(.toNearestOrEven)
        let r = (x - n * logarithmOfTwo.high) - n * logarithmOfTwo.low
        var sum = 1.0
        for k in stride(from: 13.0, to: 0, by: -1) { sum = 1 + sum * r / k }
        return sum * Double(sign: .plus, exponent: Int(n), significand: 1)
    }

    /// ln x for positive normal numbers: x = 2^e·m with m in [√½, √2), 2·artanh((m − 1) ÷ (m + 1)) by its series.
    package static func logarithm(_ x: Double) -> Double {
        precondition(x.isNormal && x > 0, "the logarithm of \(x) is outside the range of this function")
        var (e, m) = (Double(x.exponent), x.significand)
        if m > 0x1.6a09e667f3bcdp0 { (e, m) = (e + 1, m / 2) }
        let t = (m - 1) / (m + 1), square = t * t
        var sum = 0.0
        for k in stride(from: 25.0, to: 0, by: -2) { sum = sum * square + 1 / k }
        return e * logarithmOfTwo.high + (2 * t * sum + e * logarithmOfTwo.low)
    }

    /// cos x and sin x for |x| ≤ 2²⁰: x = n·π/2 + r in three exact steps (Cody and Waite 1980), then the Taylor series of both.
    package static func cosineAndSine(_ x: Double) -> (cosine: Double, sine: Double) {
        precondition(x.magnitude <= 0x1p20, "an angle of \(x) radians is outside the range of this function")
        let n = (x / 0x1.921fb54442d18p0).rounded(.toNearestOrEven)
        // π/2 in parts of 33 bits: n has at most 20, so each product is exact.
        let r = ((x - n * 0x1.921fb544p0) - n * 0x1.0b4611a6p-34) - n * 0x1.3198a2e037073p-69
        let square = r * r
        var cosine = 1.0, sine = 1.0
        for k in stride(from: 18.0, to: 0, by: -2) {
            cosine = 1 - cosine * square / (k * (k - 1))
            sine = 1 - sine * square / (k * (k + 1))
        }
        sine *= r
        return switch Int(n) & 3 {
        case 0: (cosine, sine)
        case 1: (-sine, cosine)
        case 2: (-cosine, -sine)
        default: (sine, -cosine)
        }
    }
}
