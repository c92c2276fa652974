import API
import ArgumentParser
import Foundation
import Keys
import Ledger
import Node
import Wire

/// What each command takes that signs an operation with the account key of the data directory and sees it through to a block.
struct TransactionOptions: ParsableArguments {
    @Option(help: "File with the passphrase of the key files.") var passphraseFile: String?
    @Option(help: "Fee in FIG; the smallest allowed one without it.") var fee: Amount?
    @Option(help: "Give up waiting for the block after so many seconds.") var wait = 30
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    /// Prints the report once the transaction is in a block, for people as `text` says it.
    /// - Throws: ``Problem`` when it was refused, failed, or is in no block in time.
    func send(_ operation: Ledger.Operation, text: (TransactionReport) -> String) async throws {
        try output.show(try await send(operation), text: text)
    }

    private func send(_ operation: Ledger.Operation) async throws -> TransactionReport {
        let client = try node.client()
        let key = try accountKey()
        let status: NodeStatus = try await client.get("/v1/status")
        guard let chain = Digest(hex: status.genesis) else { throw Problem.invalid("The node names no genesis.") }
        let nonce: NonceReport = try await client.get("/v1/nonces/\(key.publicKey)")
        let transaction = Transaction.sign(
            operation, chain: chain, sender: AccountID(key.publicKey), nonce: nonce.next,
            fee: fee ?? Parameters().minimumFee, with: key)
        let submission = TransactionSubmission(transaction: Hex.encode(transaction.canonicalBytes))
        let accepted: TransactionReport = try await client.post("/v1/transactions", submission)
        return try await outcome(of: accepted.id, client)
    }

    private func outcome(of id: String, _ client: NodeClient) async throws -> TransactionReport {
        let end = ContinuousClock.now + .seconds(wait)
        while ContinuousClock.now < end {
            let report: TransactionReport = try await client.get("/v1/transactions/\(id)")
            switch report.outcome {
            case .committed: return report
            case .failed: throw Problem.refused("The transaction failed: \(report.reason ?? "no reason given").")
            case .pending, .unknown: try await Task.sleep(for: .milliseconds(50))
            }
        }
        throw Problem(
            "too-slow", status: 504, "The transaction \(id) is in no block after \(wait) s.",
            remedy: "It may still come: GET /v1/transactions/\(id)")
    }

    private func accountKey() throws -> SigningKey {
        let file = NodeIdentity.accountFile(in: node.dataDirectory)
        let passphrase = try passphraseFile.map(Passphrase.read(from:))
        do { return try file.read(passphrase: passphrase.map { Array($0.utf8) }) } catch {
            throw Problem("key-file", status: 400, "\(error)", remedy: "Name the node's directory with --data.")
        }
    }
}
