import API
import ArgumentParser
import Keys
import Node

struct ModelVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check a model file against the digest written down when it came, and its header.",
        discussion: "Example: banyan model verify smollm2")
    @Argument(help: "Name of the model, or a file.") var model: String
    @Option(help: "SHA-256 that the file must have; the one written down without it.") var sha256: Digest?
    @OptionGroup var output: OutputOptions

    struct Report: Encodable {
        var model: ModelFacts
        var sha256: String
        /// False when nothing was written down to compare with.
        var isPinned: Bool
    }

    func run() throws {
        let store = ModelStore()
        let path = try store.file(model)
        let name = store.names.first { store.path(of: $0) == path }
        let bar = ProgressBar("reading", isQuiet: output.json)
        let digest = try Digest.ofFile(path, progress: bar)
        bar.clear()
        let pin = sha256.map { "\($0)" } ?? name.flatMap { store.pin(of: $0) }
        guard pin == nil || pin == "\(digest)" else {
            throw Problem.invalid(
                "'\(path)' has SHA-256 \(digest), not \(pin ?? "").",
                remedy: "The file is damaged or was changed: fetch it again.")
        }
        var facts = try name.map { try ModelFacts(name: $0, in: store) } ?? ModelFacts(path: path, name: model)
        facts.root = "\(try ModelFacts.root(of: path))"
        try output.show(Report(model: facts, sha256: "\(digest)", isPinned: pin != nil)) { report in
            """
            \(path)
            \(report.isPinned ? "is what it should be: SHA-256 \(digest)" : "has SHA-256 \(digest); nothing was written down to compare with")
            \(report.model.text)
            """
        }
    }
}
