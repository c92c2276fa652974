internal import Consensus

/// When a block's date is believed (proposer-based timestamps, PT1–PT5). All times in milliseconds since 1970.
package struct TimeRules: Hashable, Sendable {
    /// How far two correct clocks may differ.
    package var precision: UInt64
    /// How long a proposal may travel in round 0; a tenth more each round.
    package var messageDelay: UInt64

    package init(precision: UInt64 = 505, messageDelay: UInt64 = 15_000) {
        self.precision = precision
        self.messageDelay = messageDelay
    }

    /// One day: the growth by round stops here.
    static let delayLimit: UInt64 = 24 * 60 * 60 * 1000

    /// Whether a block dated `time` may have been built just before it was received in `round` (PT3). A local opinion: it
    /// decides the first prevote only, never whether the block is valid.
    package func isTimely(_ time: UInt64, received: UInt64, round: UInt32) -> Bool {
        let (latest, isAbove) = received.addingReportingOverflow(precision)
        if !isAbove, time > latest { return false }
        let (limit, isEndless) = time.addingReportingOverflow(delay(of: round) &+ precision)
        return isEndless || received <= limit
    }

    /// Grows by a tenth a round, in integers, up to a day.
    func delay(of round: UInt32) -> UInt64 {
        var delay = min(messageDelay, Self.delayLimit)
        for _ in 0..<min(round, 200) {
            delay += delay / 10 + (delay < 10 ? 1 : 0)
            if delay >= Self.delayLimit { return Self.delayLimit }
        }
        return delay
    }

    /// The date of a block built at `now` after one dated `last`: later than that one (PT1). Nil when the clock is behind by
    /// more than the precision allows; then the proposer waits.
    func date(after last: UInt64, at now: UInt64) -> UInt64? {
        if now > last { return now }
        let next = last &+ 1
        return next &- now <= precision ? next : nil
    }
}
