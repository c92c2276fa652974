internal import Logging

/// Writes lines to the log, at most one of a kind in five seconds: a flood of bad messages must not become a flood of lines.
struct ChainLogs: Sendable {
    /// In milliseconds.
    static let interval: UInt64 = 5_000

    private let logger: Logger
    private(set) var counts: [ChainLog.Kind: UInt64] = [:]
    private var lastLine: [ChainLog.Kind: UInt64] = [:]
    private var suppressed: [ChainLog.Kind: UInt64] = [:]

    init(logger: Logger) { self.logger = logger }

    mutating func write(_ line: ChainLog, at now: UInt64) {
        counts[line.kind, default: 0] += 1
        if let last = lastLine[line.kind], now < last &+ Self.interval {
            suppressed[line.kind, default: 0] += 1
            return
        }
        lastLine[line.kind] = now
        let more = suppressed.removeValue(forKey: line.kind) ?? 0
        let text = more == 0 ? line.text : "\(line.text) (and \(more) more like it)"
        switch line.kind {
        case .info: logger.info("\(text)")
        case .ownKeyAbused, .equivocation: logger.error("\(text)")
        default: logger.warning("\(text)")
        }
    }
}
