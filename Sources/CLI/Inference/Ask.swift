import API
import ArgumentParser
import Foundation

struct Ask: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask the network's language models a question, and check the answer.",
        discussion: """
            The node picks a provider by price, speed, stake and reputation, goes on with another when one fails, and checks the
            answer against the receipt. The answer goes to standard output, what is to be said about it to standard error.
            Ctrl-C takes the question back: the provider stops, and nothing is paid. Exit code 1 when the answer is wrong or there is none, 2 when the node refuses.

            Examples:
              banyan ask "Why is the sky blue?"
              banyan ask "Name a colour." --verify full --max-price 0.001
              banyan ask --temperature 0.8 --tokens 400 < question.txt
            """)
    @Argument(help: "The question; standard input without it.") var question: String?
    @Option(help: "What the model is told before the question.") var system: String?
    @OptionGroup var options: AskOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    /// What `--json` prints.
    struct Report: Encodable {
        var text: String
        var tokens: [UInt32]
        /// Every provider that had a part in it, the last one last.
        var providers: [String]
        var finished: AnswerEvent.Finished
        var checked: AnswerEvent.Checked?
        /// Checks that failed, of providers whose text was taken back.
        var faults: [AnswerEvent.Checked]
    }

    func run() async throws {
        let system = system.map { [Question.Message(role: "system", content: $0)] } ?? []
        let asked = options.question(system + [.init(role: "user", content: try text())])
        let (client, isQuiet) = (try node.client(), output.json)
        let view = try await untilInterrupted {
            var view = AnswerView(isQuiet: isQuiet)
            try await client.ask(asked) { try view.take($0) }
            return view
        }
        guard let finished = view.finished else {
            throw Problem("interrupted", status: 502, "The answer ended without a receipt.", remedy: "Ask again.")
        }
        if output.json {
            let report = Report(
                text: view.text, tokens: view.tokens, providers: view.chosen.map(\.provider), finished: finished,
                checked: view.checked, faults: view.faults)
            print(try OutputOptions.encode(report))
        }
        if view.checked?.fault != nil { throw ExitCode.failure }
    }

    private func text() throws(Problem) -> String {
        if let question { return question }
        // What fits into a request to the node's API.
        let limit = 8 << 20
        if isatty(STDIN_FILENO) == 1 { Terminal().note("Type the question, then Ctrl-D.") }
        let data = (try? FileHandle.standardInput.read(upToCount: limit + 1)) ?? Data()
        guard data.count <= limit else { throw .invalid("The question is longer than \(limit) bytes.") }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else {
            throw .invalid("There is no question.", remedy: "banyan ask \"Why is the sky blue?\"")
        }
        return text
    }
}
