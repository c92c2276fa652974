/// When strangers are turned away: says for which of them a log line is due, so that a flood of connections is no flood of lines.
package struct Refusals: Sendable {
    package enum Reason: String, Hashable, Sendable {
        case tooFast = "its address opens connections too fast"
        case crowded = "too many connections are not authenticated yet; the oldest makes room"
        case handshake = "its handshake failed"
        case full = "there is no room for another peer"
    }

    /// Between two lines of one reason.
    package static let interval: Duration = .seconds(10)

    private var last: [Reason: Duration] = [:]
    private var unsaid: [Reason: Int] = [:]

    package init() {}

    /// Counts one.
    /// - Returns: how many a line stands for, this one included; nil when none is due.
    package mutating func note(_ reason: Reason, at now: Duration) -> Int? {
        unsaid[reason, default: 0] += 1
        if let last = last[reason], now - last < Self.interval { return nil }
        last[reason] = now
        return unsaid.removeValue(forKey: reason)
    }
}
