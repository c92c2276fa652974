/// How long to leave an address alone after failures: 1 s, doubled each time, at most 1 min.
package struct DialBackoff: Sendable, Hashable {
    package static let first: Duration = .seconds(1)
    package static let longest: Duration = .seconds(60)

    package private(set) var failures = 0
    private var until: Duration = .zero

    package init() {}

    /// Whether the address may be tried at `now`, a time since any fixed start.
    package func allows(at now: Duration) -> Bool { failures == 0 || now >= until }

    package mutating func failed(at now: Duration) {
        let wait = failures < 6 ? Self.first * (1 << failures) : Self.longest
        failures = min(failures + 1, 64)
        until = now + min(wait, Self.longest)
    }

    package mutating func succeeded() { self = DialBackoff() }
}
