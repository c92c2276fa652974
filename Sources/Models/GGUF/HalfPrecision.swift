/// Sixteen-bit floats as 32-bit floats: every value exactly.
package enum HalfPrecision {
    /// IEEE 754 binary16: sign, 5 bits of exponent with bias 15, 10 bits of fraction. A NaN stays one, its payload moves up.
    package static func float(_ half: UInt16) -> Float {
        let sign = UInt32(half & 0x8000) << 16
        let exponent = UInt32(half >> 10) & 0x1f
        let fraction = UInt32(half & 0x3ff)
        switch exponent {
        case 0:
            // fraction · 2^−24, exact: both factors are floats and the product has at most ten bits.
            let magnitude = Float(fraction) * Float(bitPattern: 103 << 23)
            return Float(bitPattern: magnitude.bitPattern | sign)
        case 31: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }

    /// bfloat16: the upper half of a 32-bit float.
    package static func float(brain half: UInt16) -> Float { Float(bitPattern: UInt32(half) << 16) }
}
