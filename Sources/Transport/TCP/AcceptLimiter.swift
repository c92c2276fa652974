/// Bounds how fast one source opens connections: a burst, then a steady rate.
///
/// Keeps one moment per source (the generic cell rate algorithm): the time at which its allowance is whole again.
package struct AcceptLimiter: Sendable {
    /// Sources remembered. When more are active at once, all are forgotten: the bound on connections still holds.
    package static let sourceLimit = 8192

    private let interval: Duration
    private let burst: Int
    private var whole: [[UInt8]: Duration] = [:]

    package init(burst: Int, perSecond: Int) {
        self.burst = max(1, burst)
        interval = .seconds(1) / max(1, perSecond)
    }

    /// Sources remembered now.
    package var sources: Int { whole.count }

    /// Whether `source` may open one more at `now`; counts it when it may.
    package mutating func admit(_ source: [UInt8], at now: Duration) -> Bool {
        let key = source.count == 16 ? Array(source.prefix(8)) : source
        let start = max(whole[key] ?? now, now)
        guard start - now <= interval * (burst - 1) else { return false }
        if whole.count >= Self.sourceLimit, whole[key] == nil {
            whole = whole.filter { $0.value > now }
            if whole.count >= Self.sourceLimit { whole = [:] }
        }
        whole[key] = start + interval
        return true
    }
}
