import API
import ArgumentParser
import Foundation
import Keys
import Node

struct Key: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make keys, or show the public side of them.",
        discussion: """
            A node makes its keys when it first starts; 'banyan key new' makes them before, with a passphrase when one is given.

            Examples:
              banyan key show
              banyan key new --data ./b --passphrase-file ./secret
            """,
        subcommands: [Show.self, New.self], defaultSubcommand: Show.self)

    struct Report: Encodable {
        var account: String
        var peer: String
        var accountFile: String
        var nodeFile: String
        var isEncrypted: Bool

        var text: String {
            """
            account    \(account)
            peer       \(peer)
            files      \(accountFile), \(nodeFile)\(isEncrypted ? " (encrypted)" : "")
            """
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the account and the peer id of a data directory.")
        @Option(help: "The data directory; ~/.banyan.") var data: String?
        @OptionGroup var output: OutputOptions

        func run() throws { try output.show(try Key.report(for: data ?? DataDirectory.standard), text: \.text) }
    }

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make the two keys of a new data directory.")
        @Option(help: "The data directory; ~/.banyan.") var data: String?
        @Option(help: "File whose first line is the passphrase.") var passphraseFile: String?
        @OptionGroup var output: OutputOptions

        func run() throws {
            let directory = data ?? DataDirectory.standard
            guard !NodeIdentity.accountFile(in: directory).exists, !NodeIdentity.nodeFile(in: directory).exists else {
                throw Problem.refused(
                    "There are keys in '\(directory)' already.", remedy: "Choose another with --data.")
            }
            try BanyanNode.makeDirectory(directory)
            _ = try NodeIdentity.open(in: directory, passphrase: try passphraseFile.map(Passphrase.read(from:)))
            try output.show(try Key.report(for: directory), text: \.text)
        }
    }

    static func report(for directory: String) throws -> Report {
        let (account, node) = (NodeIdentity.accountFile(in: directory), NodeIdentity.nodeFile(in: directory))
        do {
            let (key, isEncrypted) = try account.summary()
            return Report(
                account: "\(AccountID(key))", peer: "\(PeerID(try node.summary().publicKey))",
                accountFile: account.path,
                nodeFile: node.path, isEncrypted: isEncrypted)
        } catch {
            throw Problem("key-file", status: 400, "\(error)", remedy: "'banyan key new' makes keys.")
        }
    }
}
