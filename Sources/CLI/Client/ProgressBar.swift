import Foundation

/// How far something long has come: one line that is redrawn on a terminal, nothing elsewhere. On standard error, since standard
/// output is for results.
final class ProgressBar {
    private let title: String
    private let isShown: Bool
    private let start = ContinuousClock.now
    private var last: ContinuousClock.Instant?
    private var first: Int?

    /// - Parameter isQuiet: draws nothing, for programs that read JSON.
    init(_ title: String, isQuiet: Bool = false) {
        self.title = title
        isShown = !isQuiet && isatty(STDERR_FILENO) == 1
    }

    /// - Parameter total: nil while nobody knows.
    func show(_ done: Int, of total: Int?) {
        guard isShown else { return }
        if first == nil { first = done }
        // Ten times a second is enough for eyes.
        if let last, last.duration(to: .now) < .milliseconds(100), done != total { return }
        last = .now
        let seconds = max(0.001, start.duration(to: .now) / .seconds(1))
        let speed = Double(done - (first ?? 0)) / seconds
        var line = "\(title)  "
        if let total, total > 0 {
            let filled = min(30, 30 * done / total)
            line += String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
            line += "  \(megabytes(done)) of \(megabytes(total))"
        } else {
            line += megabytes(done)
        }
        write("\r\u{1B}[K\(line)  \(megabytes(Int(speed)))/s")
    }

    /// Removes the line.
    func clear() {
        if isShown, last != nil { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// "98.4 MB"; below one megabyte in kilobytes.
func megabytes(_ bytes: Int) -> String {
    let (unit, name) = bytes >= 1_000_000_000 ? (1e9, "GB") : bytes >= 1_000_000 ? (1e6, "MB") : (1e3, "kB")
    return "\((Double(bytes) / unit * 10).rounded() / 10) \(name)"
}
