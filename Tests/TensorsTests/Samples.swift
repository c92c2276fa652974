import Tensors

/// Numbers for tests: a small generator of our own, since Tensors knows no seeded one (SplitMix64, Steele et al. 2014).
struct Samples: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Values of ordinary size.
    mutating func ordinary() -> Float { Float(Int32(truncatingIfNeeded: next() >> 40) - 0x80_0000) * 0x1p-23 }

    /// Any bit pattern whatever.
    mutating func anything() -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: next() >> 32)) }

    /// Ordinary values among which every eighth is a denormal, a zero of either sign, an infinity, a NaN, or huge.
    mutating func mixed() -> Float {
        guard next() % 8 == 0 else { return ordinary() }
        return Self.corners[Int(next() % UInt64(Self.corners.count))]
    }

    /// Ordinary values among which some are denormal or zero: nothing that drowns the rest in NaN.
    mutating func finite() -> Float {
        switch next() % 8 {
        case 0: Float(bitPattern: UInt32(truncatingIfNeeded: next() >> 41))
        case 1: next() % 2 == 0 ? 0 : -0.0
        case 2: ordinary() * 1e-20
        default: ordinary()
        }
    }

    mutating func tensor(_ shape: [Int], _ draw: (inout Samples) -> Float) -> Tensor {
        let elements = (0..<shape.reduce(1, *)).map { _ in draw(&self) }
        return Tensor(shape: shape, elements: elements)
    }

    static let corners: [Float] = [
        0, -0.0, 1, -1, 0.5, 1.5, 3, -3, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, Float(bitPattern: 0x7f_ffff),
        .leastNormalMagnitude, -.leastNormalMagnitude, 0x1.000002p-126, .greatestFiniteMagnitude,
        -.greatestFiniteMagnitude, .infinity, -.infinity, .nan, 0x1p-75, 0x1.8p-75, -0x1p-75, 0x1p-24, 0x1p24,
        0x1.fffffep23,
        1 + .ulpOfOne, 1 - .ulpOfOne / 2, 0x1p64, 0x1.000002p63, 0x1p127, 88.722839, -103.97208, -87.33655,
    ]
}

/// Equal bits, where one NaN is like another.
func same(_ left: Float, _ right: Float) -> Bool {
    left.bitPattern == right.bitPattern || (left.isNaN && right.isNaN)
}

/// The first place where two arrays differ.
func difference(_ left: [Float], _ right: [Float]) -> Int? {
    guard left.count == right.count else { return -1 }
    return zip(left, right).enumerated().first { !same($1.0, $1.1) }?.offset
}
