import API
import ArgumentParser
import Foundation
import Node

@main
struct Banyan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "banyan",
        abstract: "A leaderless cloud for AI: train, serve and pay together, and re-check each other's work.",
        discussion: """
            Start with 'banyan demo'. Run a node with 'banyan up'; the other commands speak to it over its HTTP API.
            """,
        version: BanyanNode.version,
        groupedSubcommands: [
            CommandGroup(name: "See it work", subcommands: [Demo.self]),
            CommandGroup(
                name: "A node", subcommands: [Up.self, Status.self, Peers.self, Key.self, BlockCommand.self]),
            CommandGroup(
                name: "Money",
                subcommands: [
                    AccountCommand.self, Send.self, StakeCommand.self, ChannelCommand.self, ProofCommand.self,
                ]),
            CommandGroup(name: "Training", subcommands: [Train.self]),
            CommandGroup(
                name: "Language models",
                subcommands: [
                    Ask.self, Chat.self, Serve.self, QuoteCommand.self, Providers.self, ReceiptCommand.self,
                    ModelCommand.self, Generate.self, Tokenize.self,
                ]),
            CommandGroup(name: "Laboratory", subcommands: [Bench.self, Lab.self]),
        ])

    /// Exit codes: 0 done, 1 failed, 2 refused by a node, 64 wrong usage, 130 interrupted.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let problem as Problem {
            FileHandle.standardError.write(Data("banyan: \(problem)\n".utf8))
            Foundation.exit(problem.status == 409 ? 2 : 1)
        } catch {
            exit(withError: error)
        }
    }
}
