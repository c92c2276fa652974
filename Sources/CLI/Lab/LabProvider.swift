import API
import ArgumentParser
import Foundation
import Logging
import Node

/// A provider of answers that may be told to cheat, in a network of others.
struct LabProvider: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider",
        abstract: "Answer questions with a model until SIGTERM, wrongly when told to.",
        discussion: """
            Prints 'LISTEN <address>' for each address, then 'READY', then what happens, one JSON object a line. A provider that
            cheats says so by {"event":"deceived"} for each answer that differs from the honest one.

            Examples:
              banyan lab provider --list
              banyan lab provider --cheat-wire endlessTokens --join /ip4/127.0.0.1/tcp/4001/p2p/12D3KooW…
              banyan lab provider --cheat quantisedModel --join /ip4/127.0.0.1/tcp/4001/p2p/12D3KooW…
            """)

    @Option(help: "How to cheat; honest without it.") var cheat: String?
    @Option(help: "How to break the protocol; not at all without it.") var cheatWire: String?
    @Option(help: "Name of a model in the store, or a file.") var model = "smollm2"
    @Option(help: "Address of a node of the network to join, repeatable.") var join: [String] = []
    @Option(help: "Address to listen on, repeatable.") var listen = ["/ip4/127.0.0.1/tcp/0"]
    @Option(help: "Host and port of the HTTP API.") var api = "127.0.0.1:0"
    @Option(help: "Directory of keys and chain; a new temporary one without it.") var data: String?
    @Option(help: "Directory of the model files; ~/.banyan/models.") var models: String?
    @Option(help: "Price of an answer, in FIG for 1,000 tokens.") var price: String?
    @Option(help: "FIG to put at stake as soon as the account has it.") var stake: String?
    @Flag(help: "List the ways to cheat.") var list = false
    @Flag(name: .shortAndLong, help: "Log to standard error.") var verbose = false
    @OptionGroup var output: OutputOptions

    private struct Kind: Encodable {
        let kind: String
        let summary: String
        /// `answer` or `protocol`.
        let breaks: String
    }

    func run() async throws {
        if list {
            let kinds =
                AnswerCheats.all.map { Kind(kind: $0.name, summary: $0.summary, breaks: "answer") }
                + AnswerCheats.onWire.map { Kind(kind: $0.name, summary: $0.summary, breaks: "protocol") }
            return try output.show(kinds) { table(["kind", "what it does"], $0.map { [$0.kind, $0.summary] }) }
        }
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        let events = NodeEvents { event in
            if case .ready(let ready) = event {
                for address in ready.addresses { Self.say("LISTEN \(address)") }
                Self.say("READY")
            }
            if let line = try? OutputOptions.encode(event) { Self.say(line) }
        }
        try await BanyanNode(configuration: try Up.parse(arguments).resolve(), events: events).run()
    }

    /// As `banyan up` takes them.
    private var arguments: [String] {
        let directory = data ?? NSTemporaryDirectory() + "banyan-provider-\(getpid())"
        var all = ["--no-mdns", "--data", directory, "--api", api, "--serve", model]
        for address in listen { all += ["--listen", address] }
        for address in join { all += ["--join", address] }
        for (name, value) in [
            ("models", models), ("price", price), ("stake", stake), ("cheat-inference", cheat),
            ("cheat-wire", cheatWire),
        ] {
            if let value { all += ["--\(name)", value] }
        }
        return all + ["--log-level", verbose ? "debug" : "warning"]
    }

    /// Whoever reads through a pipe sees the line at once.
    private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
