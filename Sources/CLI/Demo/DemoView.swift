import Foundation

/// Shows a demo in the form that fits where it is read: a terminal, a pipe, or a program.
final class DemoView {
    private enum Form {
        case screen(DemoScreen)
        case lines(DemoLines)
        case json
    }
    private var form: Form
    private let start = ContinuousClock.now

    init(json: Bool, rounds: Int) {
        if json {
            form = .json
        } else if isatty(STDOUT_FILENO) == 1 {
            form = .screen(DemoScreen(colour: ProcessInfo.processInfo.environment["NO_COLOR"] == nil))
        } else {
            form = .lines(DemoLines())
        }
    }

    var elapsedSeconds: Int { Int((ContinuousClock.now - start).components.seconds) }

    /// Tells a person something that is no event of a node.
    func say(_ text: String) {
        switch form {
        case .json: break
        case .lines: write(text + "\n")
        case .screen(var screen):
            write(screen.clear() + text + "\n")
            form = .screen(screen)
        }
    }

    /// Passes an event on to programs.
    func pass(_ line: DemoEventLine) {
        guard case .json = form, let text = try? OutputOptions.encode(line) else { return }
        write(text + "\n")
    }

    func show(_ state: DemoState) {
        switch form {
        case .json: break
        case .lines(var lines):
            for line in lines.news(in: state) { write(line + "\n") }
            form = .lines(lines)
        case .screen(var screen):
            write(screen.update(state, elapsed: elapsedSeconds))
            form = .screen(screen)
        }
    }

    func finish(_ summary: DemoSummary, network: DemoNetwork, kept: Bool) {
        switch form {
        case .json:
            if let text = try? OutputOptions.encode(summary) { write(text + "\n") }
        case .lines:
            write(summary.text + "\n")
            write(network.howToLookFurther(kept: kept) + "\n")
        case .screen(var screen):
            write(screen.clear())
            write(summary.text + "\n")
            write(network.howToLookFurther(kept: kept) + "\n")
        }
    }

    private func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
