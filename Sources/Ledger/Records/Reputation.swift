package import Wire

/// A Beta posterior over "does correct work": successes and failures that fade with a half-life of 90 days.
///
/// The score that counts is a lower bound of the posterior, mean − 2 standard deviations, so that little evidence means little trust.
/// Source for the form: Jøsang and Ismail 2002, "The Beta Reputation System".
package struct Reputation: Hashable, Sendable, Canonical {
    /// One observation. Counts are in 1/65,536 so that they can fade.
    package static let one: UInt64 = 1 << 16
    /// 2^(−1/90) in 1/65,536: what is left of a count after a day.
    private static let dailyFactor: UInt64 = 65_033
    private static let millisecondsPerDay: UInt64 = 86_400_000
    /// 2^20 observations: keeps the arithmetic below far from 64 bits.
    private static let limit: UInt64 = one << 20

    /// Beyond the prior of one success and one failure.
    package private(set) var successes: UInt64
    package private(set) var failures: UInt64
    /// The last whole day, since 1970, that the counts have faded to.
    package private(set) var day: UInt64

    package init() { (successes, failures, day) = (0, 0, 0) }

    /// Notes `count` successes at `time`, milliseconds since 1970.
    package mutating func succeed(_ count: UInt64 = 1, at time: UInt64) {
        fade(to: time)
        successes = min(successes + count * Self.one, Self.limit)
    }

    /// Notes failures; one proven fault weighs six successes.
    package mutating func fail(_ count: UInt64, at time: UInt64) {
        fade(to: time)
        failures = min(failures + count * Self.one, Self.limit)
    }

    /// Takes back failures that were none.
    package mutating func pardon(_ count: UInt64, at time: UInt64) {
        fade(to: time)
        failures -= min(failures, count * Self.one)
    }

    private mutating func fade(to time: UInt64) {
        let today = time / Self.millisecondsPerDay
        defer { day = max(day, today) }
        guard day > 0, today > day else { return }
        // After ten years nothing is left to fade.
        for _ in 0..<min(today - day, 3650) where successes | failures != 0 {
            successes = (successes * Self.dailyFactor) >> 16
            failures = (failures * Self.dailyFactor) >> 16
        }
    }

    /// Observations, whole ones.
    package var samples: UInt64 { (successes + failures) / Self.one }

    /// Mean − 2 standard deviations, in 1/10,000, never below 0; rounded down.
    package var lowerBound: UInt64 {
        // Prior (1, 1). Scaled to 1/256 so that products stay below 2^63: α, β ≤ 2^28.
        let alpha = (successes + Self.one) >> 8
        let beta = (failures + Self.one) >> 8
        let sum = alpha + beta
        let mean = alpha * 10_000 / sum
        // Variance × 10^8 = α β 10^8 ÷ (sum² (sum/256 + 1)); the factors are divided early to stay in range.
        let spread = (alpha * 10_000 / sum) * (beta * 10_000 / sum) * 256 / (sum + 256)
        let deviation = spread.squareRootRoundedUp
        return mean > 2 * deviation ? mean - 2 * deviation : 0
    }

    /// 1, 2 or 3: how much the account's word weighs in a committee.
    package var level: UInt64 {
        if samples >= 150, lowerBound >= 9_000 { return 3 }
        if samples >= 50, lowerBound >= 7_000 { return 2 }
        return 1
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(successes)
        writer.write(failures)
        writer.write(day)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Reputation {
        var reputation = Reputation()
        reputation.successes = try reader.readUInt64()
        reputation.failures = try reader.readUInt64()
        reputation.day = try reader.readUInt64()
        guard max(reputation.successes, reputation.failures) <= limit else { throw .invalid("reputation out of range") }
        return reputation
    }
}

extension UInt64 {
    /// The smallest number whose square is not below this one.
    var squareRootRoundedUp: UInt64 {
        guard self > 1 else { return self }
        var guess = self
        var next = guess / 2 + 1
        while next < guess {
            guess = next
            next = (guess + self / guess) / 2
        }
        return guess * guess < self ? guess + 1 : guess
    }
}
