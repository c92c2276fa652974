import Chain
import Inference
import Keys
import Ledger

/// Payments' view of the ledger.
struct BankOnChain: Bank {
    let chain: ChainService
    let wallet: Wallet

    func state() async -> (State, height: UInt64) {
        let head = await chain.head
        return (head.state, head.height)
    }

    func blocks() async -> AsyncStream<UInt64> { await chain.heights() }

    func waits(_ transaction: Digest) async -> Bool { await chain.pending(transaction) != nil }

    func submit(_ operation: Operation, noting: @Sendable (Digest) async throws -> Void) async throws -> Digest {
        try await wallet.submit(operation, noting: noting)
    }
}
