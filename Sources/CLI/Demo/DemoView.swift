import API
import Foundation

/// Shows a demo in the form that fits where it is read: a terminal, a pipe, or a program.
final class DemoView {
    private enum Form {
        case screen(TrainingScreen)
        case lines(TrainingLines)
        case json
    }
    private var form: Form
    private let start = ContinuousClock.now
    private let terminal = Terminal()
    /// The answer that is being written on the screen.
    private var paragraph: Paragraph?
    /// What is told once that answer has come to its end.
    private var waiting: [InferenceStory.Line] = []
    /// The answer that a pipe got last.
    private var lastWhole = ""

    init(json: Bool) {
        if json {
            form = .json
        } else if isatty(STDOUT_FILENO) == 1 {
            form = .screen(TrainingScreen(colour: ProcessInfo.processInfo.environment["NO_COLOR"] == nil))
        } else {
            form = .lines(TrainingLines())
        }
    }

    var isScreen: Bool { if case .screen = form { true } else { false } }
    private var elapsedSeconds: Int { Int((ContinuousClock.now - start).components.seconds) }

    /// Tells a person something that is no event of a node.
    func say(_ text: String) { tell(InferenceStory.Line(text)) }

    func tell(_ line: InferenceStory.Line) {
        guard paragraph == nil else { return waiting.append(line) }
        switch form {
        case .json: break
        case .lines: write(line.text + "\n")
        case .screen(var screen):
            write(screen.clear() + (line.paint.map { terminal.paint($0, line.text) } ?? line.text) + "\n")
            form = .screen(screen)
        }
    }

    func prompt(_ text: String) { write(terminal.paint(.bold, text)) }

    /// A piece of an answer; a pipe gets the whole at its end.
    func stream(_ text: String) {
        guard isScreen else { return }
        var open = paragraph ?? Paragraph()
        write(open.add(text))
        paragraph = open
    }

    /// Ends the answer that was being written.
    func endStream(whole: String) {
        switch form {
        case .screen:
            guard paragraph != nil else { return }
            write("\n")
        case .lines:
            guard !whole.isEmpty, whole != lastWhole else { return }
            var paragraph = Paragraph()
            write(paragraph.add(whole) + "\n")
            lastWhole = whole
        case .json: break
        }
        paragraph = nil
        let lines = waiting
        waiting = []
        for line in lines { tell(line) }
    }

    /// Passes an event on to programs.
    func pass(_ line: some Encodable) {
        guard case .json = form, let text = try? OutputOptions.encode(line) else { return }
        write(text + "\n")
    }

    func show(_ state: TrainingState) {
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

    /// Removes what is redrawn in place: the training half is over.
    func settle() {
        guard case .screen(var screen) = form else { return }
        write(screen.clear())
        form = .screen(screen)
    }

    func finish(_ summary: DemoSummary, network: DemoNetwork) {
        settle()
        if case .json = form { return pass(summary) }
        write(summary.text + "\n")
        write(network.howToLookFurther() + "\n")
    }

    private func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
