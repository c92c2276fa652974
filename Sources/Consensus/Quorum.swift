/// Thresholds of voting power in exact arithmetic: more than two thirds, more than one third.
///
/// Source: arXiv:1807.04938, section 2: n > 3f, quorums of "2f+1" and "f+1" by power. The products are 128 bits wide.
package enum Quorum {
    /// Whether `power` is *more than* two thirds of `total`: any two such groups share a correct validator.
    package static func holds(_ power: UInt64, of total: UInt64) -> Bool {
        3 * UInt128(power) > 2 * UInt128(total)
    }

    /// Whether `power` is *more than* one third of `total`: such a group has a correct validator in it.
    package static func hasCorrect(_ power: UInt64, of total: UInt64) -> Bool {
        3 * UInt128(power) > UInt128(total)
    }

    /// Whether `power` is more than `level` of `total`, for the light client.
    package static func exceeds(_ power: UInt64, _ level: TrustLevel, of total: UInt64) -> Bool {
        UInt128(power) * UInt128(level.denominator) > UInt128(total) * UInt128(level.numerator)
    }
}

/// The part of a trusted set that must have signed an unknown header: a ratio between 1/3 and 1.
package struct TrustLevel: Hashable, Sendable {
    package let numerator: UInt32
    package let denominator: UInt32

    package static let third = TrustLevel(1, of: 3)!

    /// - Returns: nil unless 1/3 ≤ numerator/denominator ≤ 1.
    package init?(_ numerator: UInt32, of denominator: UInt32) {
        guard denominator > 0, numerator <= denominator, 3 * UInt64(numerator) >= UInt64(denominator) else {
            return nil
        }
        self.numerator = numerator
        self.denominator = denominator
    }
}
