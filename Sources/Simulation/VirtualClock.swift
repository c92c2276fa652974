/// The time of a simulated world: it moves only when the world says so.
package struct VirtualClock: Hashable, Sendable {
    /// Nanoseconds since the world began.
    package private(set) var now: UInt64 = 0

    package init() {}

    /// Milliseconds since the world began, rounded down.
    package var milliseconds: UInt64 { now / 1_000_000 }

    /// Moves on; time never goes back.
    package mutating func advance(to moment: UInt64) { now = max(now, moment) }
}

extension Duration {
    /// Whole nanoseconds; nothing for a negative duration, and at most 584 years.
    package var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : whole &+ UInt64(attoseconds) / 1_000_000_000
    }
}
