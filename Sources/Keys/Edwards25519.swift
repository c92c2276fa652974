internal import CSodium

/// Points and scalars of edwards25519 as 32-byte encodings, on libsodium's primitives.
///
/// Points are encoded as in RFC 8032, section 5.1.2. Arithmetic on encodings costs a decompression each time; protocols
/// that need more than a few operations want another representation.
enum Edwards25519 {
    static let identity: [UInt8] = [1] + [UInt8](repeating: 0, count: 31)

    /// The order of the prime-order subgroup, little-endian.
    static let order: [UInt8] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ]

    /// Whether y is below 2^255 - 19, and the sign bit is 0 where x is 0 (RFC 8032, section 5.1.3).
    static func isCanonical(_ point: [UInt8]) -> Bool {
        let sign = point[31] >> 7
        var y = point
        y[31] &= 0x7f
        var prime = [UInt8](repeating: 0xff, count: 32)
        prime[0] = 0xed
        prime[31] = 0x7f
        guard isBelow(y, prime) else { return false }
        var minusOne = prime
        minusOne[0] = 0xec
        return sign == 0 || (y != identity && y != minusOne)
    }

    /// Whether `point` is a canonical encoding of a point of the prime-order subgroup other than the identity.
    ///
    /// (order + 1)·P is P exactly when P has no part of small order. libsodium's own test of the subgroup lets points with a part
    /// of order two through in some versions; nodes with different versions must decide alike, so we do not rely on it.
    static func isPrimeOrderPoint(_ point: [UInt8]) -> Bool {
        guard isCanonical(point) else { return false }
        var scalar = order
        scalar[0] += 1
        return multiply(scalar, point) == point
    }

    /// Whether `scalar` is below the group order.
    static func isReduced(_ scalar: [UInt8]) -> Bool { isBelow(scalar, order) }

    /// 8·P for any point of the curve; nil when `point` is none.
    static func clearCofactor(_ point: [UInt8]) -> [UInt8]? {
        var result = point
        for _ in 0..<3 {
            guard let double = add(result, result) else { return nil }
            result = double
        }
        return result
    }

    static func add(_ left: [UInt8], _ right: [UInt8]) -> [UInt8]? {
        var result = [UInt8](repeating: 0, count: 32)
        return unsafe crypto_core_ed25519_add(&result, left, right) == 0 ? result : nil
    }

    static func subtract(_ left: [UInt8], _ right: [UInt8]) -> [UInt8]? {
        var result = [UInt8](repeating: 0, count: 32)
        return unsafe crypto_core_ed25519_sub(&result, left, right) == 0 ? result : nil
    }

    /// n·P without clamping; nil when P has small order or the result is the identity.
    static func multiply(_ scalar: [UInt8], _ point: [UInt8]) -> [UInt8]? {
        var result = [UInt8](repeating: 0, count: 32)
        return unsafe crypto_scalarmult_ed25519_noclamp(&result, scalar, point) == 0 ? result : nil
    }

    /// n·B without clamping; nil when the result is the identity.
    static func multiplyBase(_ scalar: [UInt8]) -> [UInt8]? {
        var result = [UInt8](repeating: 0, count: 32)
        return unsafe crypto_scalarmult_ed25519_base_noclamp(&result, scalar) == 0 ? result : nil
    }

    /// 64 bytes modulo the group order.
    static func reduce(_ wide: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: 32)
        unsafe crypto_core_ed25519_scalar_reduce(&result, wide)
        return result
    }

    static func multiplyScalars(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: 32)
        unsafe crypto_core_ed25519_scalar_mul(&result, left, right)
        return result
    }

    static func addScalars(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: 32)
        unsafe crypto_core_ed25519_scalar_add(&result, left, right)
        return result
    }

    /// Compares little-endian numbers of 32 bytes; for public values.
    private static func isBelow(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.reversed().lexicographicallyPrecedes(right.reversed())
    }
}
