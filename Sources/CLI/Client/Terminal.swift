import Foundation

/// Where a command writes for people: answers to standard output, what is said about them to standard error, in colour on a terminal.
struct Terminal: Sendable {
    enum Paint: String, Sendable { case red = "31", green = "32", yellow = "33", dim = "2", bold = "1" }

    let isInteractive = isatty(STDOUT_FILENO) == 1 && isatty(STDIN_FILENO) == 1
    private let colours =
        isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR", default: ""].isEmpty

    func paint(_ paint: Paint, _ text: String) -> String {
        colours ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Part of a result, at once.
    func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

    /// A line about the result.
    func note(_ text: String, _ paint: Paint = .dim) {
        FileHandle.standardError.write(Data((self.paint(paint, text) + "\n").utf8))
    }

    /// A prompt for what is typed next.
    func prompt(_ text: String) { FileHandle.standardError.write(Data(paint(.bold, text).utf8)) }
}
