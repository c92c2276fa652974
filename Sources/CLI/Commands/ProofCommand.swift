import API
import ArgumentParser
import BanyanKit
import Chain
import Foundation
import Keys
import Wire

struct ProofCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proof",
        abstract: "Prove an account's balance to somebody who trusts no node.",
        discussion: """
            Examples:
              banyan proof account ban1… --output balance.proof
              banyan proof verify balance.proof --genesis ~/.banyan/genesis
            """,
        subcommands: [Fetch.self, Verify.self])

    struct Fetch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "account", abstract: "Fetch the proof of an account from a node.")
        @Argument(help: "The account, 'ban1…'.") var account: AccountID
        @Option(help: "File to write.") var output: String
        @Option(help: "Give up waiting for the block that proves the present state after so many seconds.") var wait =
            30
        @OptionGroup var node: NodeOptions

        func run() async throws {
            let client = try node.client()
            let now = try await client.get("/v1/status", as: NodeStatus.self).height
            let bytes = try await proof(of: now, client)
            do { try Data(Array("\(account)\n".utf8) + bytes).write(to: URL(fileURLWithPath: output)) } catch {
                throw Problem.invalid("'\(output)' cannot be written.")
            }
            print("\(bytes.count) bytes of proof in \(output)")
        }

        /// The state after a block is proven by the header of the next one: waits for it.
        private func proof(of height: UInt64, _ client: NodeClient) async throws -> [UInt8] {
            let end = ContinuousClock.now + .seconds(wait)
            while ContinuousClock.now < end {
                let report: ProofReport = try await client.get("/v1/accounts/\(account)/proof")
                guard let bytes = Hex.decode(report.bundle),
                    let bundle = try? AccountProofBundle(canonicalBytes: bytes)
                else { throw Problem.invalid("The node's answer is no proof.") }
                if bundle.height >= height { return bytes }
                try await Task.sleep(for: .milliseconds(100))
            }
            throw Problem("too-slow", status: 504, "No block has followed block \(height) in \(wait) s.")
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a proof without asking anybody.",
            discussion: """
                What is trusted is the genesis: its digest, and its validators. When they have changed since, name the digest of
                a set you trust with --validators.
                """)
        @Argument(help: "The file of 'banyan proof account'.") var file: String
        @Option(help: "The genesis file of the network.") var genesis: String
        @Option(help: "Digest of the trusted validators; those of the genesis without it.") var validators: Digest?
        @OptionGroup var output: OutputOptions

        func run() throws {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw Problem.invalid("The proof '\(file)' cannot be read.")
            }
            guard let network = FileManager.default.contents(atPath: genesis) else {
                throw Problem.invalid("The genesis file '\(genesis)' cannot be read.")
            }
            let finding = try AccountProof(file: Array(data)).verify(
                genesis: Array(network), validators: validators.map { "\($0)" })
            try output.show(finding) { finding in
                """
                proven: after block \(finding.height) the account \(finding.account.account) has
                balance  \(fig(finding.account.balance)) FIG
                stake    \(fig(finding.account.stake)) FIG
                signed by validators \(finding.validators.prefix(16))
                """
            }
        }
    }
}
