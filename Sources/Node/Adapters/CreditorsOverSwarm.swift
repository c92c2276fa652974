import Inference
import Keys
import Logging
import Proofs

/// Providers that a payer comes back to.
struct CreditorsOverSwarm: Creditors {
    let client: PaymentClient
    let receipts: KeptAnswers<HeldReceipt>
    let logger: Logger

    func exchange(of job: Digest, from peer: PeerID) async throws -> Exchange? {
        try await client.exchange(of: job, from: peer)
    }

    func isConnected(_ peer: PeerID) async -> Bool { await client.isConnected(peer) }

    func deliver(_ voucher: [UInt8], to peer: PeerID) async throws { try await client.deliver(voucher, to: peer) }

    func keep(_ exchange: Exchange, _ examination: Examination) async -> SignedReceipt? {
        let held = try? receipts.record(of: exchange.job)
        let verdict: HeldReceipt.Verdict =
            switch examination {
            case .passed(.receipt, _), .impossible, .withheld: .open
            case .passed: .right
            case .failed: .wrong
            }
        do {
            try receipts.keep(HeldReceipt(exchange, verdict))
        } catch { logger.error("a receipt could not be kept", metadata: ["error": "\(error)"]) }
        return held?.exchange.receipt
    }
}
