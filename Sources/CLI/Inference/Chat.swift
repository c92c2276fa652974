import API
import ArgumentParser
import Foundation
import Synchronization
import UnixSignals

struct Chat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Talk with a model, a line at a time.",
        discussion: """
            Ctrl-C stops the answer that comes, or leaves; Ctrl-D leaves. '/new' begins a new conversation, '/exit' ends it.

            Examples:
              banyan chat
              banyan chat --system "Answer in one sentence." --temperature 0.7 --verify full
            """)
    @Option(help: "What the model is told before everything else.") var system: String?
    @OptionGroup var options: AskOptions
    @OptionGroup var node: NodeOptions

    func run() async throws {
        let terminal = Terminal()
        let conversation = Conversation(client: try node.client(), options: options, system: system)
        let running = RunningAnswer()
        let signals = await UnixSignalsSequence(trapping: .sigint)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in signals {
                    guard let answer = running.task.withLock({ $0 }) else {
                        terminal.note("")
                        Foundation.exit(130)
                    }
                    answer.cancel()
                }
            }
            group.addTask { try await converse(conversation, terminal: terminal, running: running) }
            _ = try await group.next()
            group.cancelAll()
        }
    }

    private func converse(
        _ start: Conversation, terminal: Terminal, running: RunningAnswer
    ) async throws {
        var conversation = start
        if terminal.isInteractive { terminal.note("Ask something; Ctrl-D ends.") }
        while true {
            if terminal.isInteractive { terminal.prompt("› ") }
            guard let line = readLine()?.trimmingCharacters(in: .whitespaces) else { break }
            switch line {
            case "": continue
            case "/exit", "/quit":
                terminal.note(conversation.summary)
                return
            case "/new":
                conversation.forget()
                terminal.note("A new conversation.")
                continue
            case _ where line.hasPrefix("/") && !line.contains(" "):
                terminal.note("'\(line)' is no command; /new begins a new conversation, /exit ends it.")
                continue
            default: break
            }
            let question = conversation.question(line)
            let client = conversation.client
            let answer = Task {
                var view = AnswerView(isQuiet: false)
                try await client.ask(question) { try view.take($0) }
                return view
            }
            running.task.withLock { $0 = answer }
            do {
                conversation.take(try await answer.value, to: line)
            } catch let problem as Problem {
                terminal.note("\(problem)", .red)
            } catch is CancellationError {
                terminal.note("\n(stopped)")
            }
            running.task.withLock { $0 = nil }
        }
        terminal.note((terminal.isInteractive ? "\n" : "") + conversation.summary)
    }
}

/// The answer that comes just now, if one does: what Ctrl-C stops.
private final class RunningAnswer: Sendable {
    let task = Mutex<Task<AnswerView, any Error>?>(nil)
}
