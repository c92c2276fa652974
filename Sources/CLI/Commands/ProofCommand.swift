import API
import ArgumentParser
import Chain
import Consensus
import Foundation
import Keys
import Ledger
import Node
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

        struct Report: Encodable {
            var account: AccountReport
            var height: UInt64
            var validators: String
        }

        func run() throws {
            guard let data = FileManager.default.contents(atPath: file),
                let end = data.firstIndex(of: UInt8(ascii: "\n")),
                let account = AccountID(String(decoding: data[..<end], as: UTF8.self))
            else { throw Problem.invalid("'\(file)' is no file of 'banyan proof account'.") }
            let genesis = try NetworkGenesis.read(genesis)
            let trusted = try validators ?? ChainState(genesis: genesis).validators.digest
            do {
                let bundle = try AccountProofBundle(canonicalBytes: Array(data[(end + 1)...]))
                let bytes = try bundle.verify(.account(account), genesis: genesis.digest, trusted: trusted)
                let value = try bytes.map { try Account(canonicalBytes: $0) } ?? Account()
                try output.show(report(value, of: account, bundle)) { report in
                    """
                    proven: after block \(report.height) the account \(report.account.account) has
                    balance  \(fig(report.account.balance)) FIG
                    stake    \(fig(report.account.stake)) FIG
                    signed by validators \(report.validators.prefix(16))
                    """
                }
            } catch {
                throw Problem.invalid("The proof does not hold: \(error)")
            }
        }

        private func report(_ value: Account, of account: AccountID, _ bundle: AccountProofBundle) -> Report {
            let report = AccountReport(
                account: "\(account)", balance: String(value.balance.seeds), stake: String(value.stake.seeds),
                unbonding: String(value.unbondingTotal.seeds), reputationLevel: Int(value.reputation.level),
                node: value.node.map { "\($0.node)" }, height: bundle.height)
            return Report(account: report, height: bundle.height, validators: "\(bundle.validators.digest)")
        }
    }
}
