/// How long a round waits, growing with the round without bound, so that some round outlasts any network delay.
package struct TimeoutSchedule: Hashable, Sendable {
    /// `base + round · growth`.
    package struct Line: Hashable, Sendable {
        package var base: Duration
        package var growth: Duration

        package init(_ base: Duration, plus growth: Duration) {
            self.base = base
            self.growth = growth
        }

        /// Exact up to round 2^31; the growth of a defaults line is then 34 years, so nothing overflows.
        package func delay(of round: Round) -> Duration { base + growth * Int(round) }
    }

    package var propose: Line
    package var prevote: Line
    package var precommit: Line
    /// How often a validator that is stuck in a round says again what it said (lost votes must come again).
    package var rebroadcast: Line

    package init(propose: Line, prevote: Line, precommit: Line, rebroadcast: Line) {
        self.propose = propose
        self.prevote = prevote
        self.precommit = precommit
        self.rebroadcast = rebroadcast
    }

    /// For networks across the world: 3 s + 0.5 s a round to propose, 1 s + 0.5 s a round to vote.
    package static let wide = TimeoutSchedule(
        propose: Line(.milliseconds(3000), plus: .milliseconds(500)),
        prevote: Line(.milliseconds(1000), plus: .milliseconds(500)),
        precommit: Line(.milliseconds(1000), plus: .milliseconds(500)),
        rebroadcast: Line(.milliseconds(5000), plus: .milliseconds(1500)))

    /// For one machine or one LAN.
    package static let local = TimeoutSchedule(
        propose: Line(.milliseconds(600), plus: .milliseconds(200)),
        prevote: Line(.milliseconds(200), plus: .milliseconds(100)),
        precommit: Line(.milliseconds(200), plus: .milliseconds(100)),
        rebroadcast: Line(.milliseconds(800), plus: .milliseconds(300)))

    func delay(of step: TimerID.Step, round: Round) -> Duration {
        switch step {
        case .propose: propose.delay(of: round)
        case .prevote: prevote.delay(of: round)
        case .precommit: precommit.delay(of: round)
        case .rebroadcast: rebroadcast.delay(of: round)
        }
    }
}
