package import Keys
package import Ledger
package import Proofs

/// The ledger, as payments need it.
package protocol Bank: Sendable {
    /// The state after the newest block.
    func state() async -> (State, height: UInt64)
    /// One element after each block; some may be dropped when the reader is slow.
    func blocks() async -> AsyncStream<UInt64>
    /// Signs the operation with the key that it needs and hands it to the mempool.
    /// - Parameter noting: is told the transaction's id before anybody else sees it.
    /// - Returns: the id.
    @discardableResult
    func submit(_ operation: Operation, noting: @Sendable (Digest) async throws -> Void) async throws -> Digest
    /// Whether a transaction that was handed over waits for a block. One that does not is in a block that ``state()`` knows afterwards, or lost.
    func waits(_ transaction: Digest) async -> Bool
}

extension Bank {
    @discardableResult
    package func submit(_ operation: Operation) async throws -> Digest { try await submit(operation) { _ in } }
}

/// Providers, as a payer needs them after a crash of either side.
package protocol Creditors: Sendable {
    /// The answer to a job, if the provider finished it; nil when it says that it did not.
    func exchange(of job: Digest, from peer: PeerID) async throws -> Exchange?
    /// Keeps an answer that was looked up, for whoever asked.
    /// - Returns: the receipt for the same job that was kept before.
    func keep(_ exchange: Exchange, _ examination: Examination) async -> SignedReceipt?
    /// Whether the peer is connected now.
    func isConnected(_ peer: PeerID) async -> Bool
    /// Hands over a voucher.
    /// - Throws: when the provider does not say that it has it.
    func deliver(_ voucher: [UInt8], to peer: PeerID) async throws
}
