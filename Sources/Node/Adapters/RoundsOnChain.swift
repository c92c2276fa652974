import Chain
import Federation
import Keys
import Ledger

/// The ledger as training rounds see it.
struct RoundsOnChain: Rounds {
    let chain: ChainService
    let wallet: Wallet

    func jobs(following followed: [Digest]) async -> (height: UInt64, jobs: [JobView]) {
        let head = await chain.head
        return (head.height, JobView.all(in: head.state, following: followed))
    }

    func submit(_ operation: Operation) async throws { try await wallet.submit(operation) }

    func blocks() async -> AsyncStream<UInt64> { await chain.heights() }
}
