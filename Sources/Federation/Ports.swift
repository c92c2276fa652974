package import Keys
package import Ledger
package import Models

/// The ledger, as a training round needs it.
package protocol Rounds: Sendable {
    /// The height of the newest block, and what the state after it says about each job:
    /// ``JobView/all(in:following:)``.
    /// - Parameter followed: jobs that this node wants to hear of although they may be over.
    func jobs(following followed: [Digest]) async -> (height: UInt64, jobs: [JobView])
    /// Signs the operation with this node's key and hands it to the mempool. Operations keep their order.
    /// - Throws: when the mempool refuses it.
    func submit(_ operation: Operation) async throws
    /// One element after each block; elements may be dropped when the reader is slow.
    func blocks() async -> AsyncStream<UInt64>
}

/// Bytes by digest (domain "blob"), here or at peers.
package protocol Blobs: Sendable {
    /// Stores the bytes and serves them to peers from now on.
    func put(_ bytes: [UInt8]) async throws -> Digest
    /// The bytes from the local store; else from the first of `holders`, then of any connected peer, that has them. What was
    /// fetched has been verified by its digest and is served on.
    /// - Returns: nil when nobody answered with the right bytes in time, or they are more than `limit`.
    func get(_ digest: Digest, from holders: [AccountID], limit: Int) async -> [UInt8]?
    /// Notes, also for the time after a restart, that these blobs are here for the sake of one attempt only. Comes before they are put.
    func lease(_ digests: [Digest], to attempt: RoundID) async
    /// Forgets the blobs of an attempt that is over.
    func release(_ attempt: RoundID) async
    /// Forgets the blobs of every attempt but these.
    func release(allBut attempts: [RoundID]) async
}

/// The data this node can train and measure on.
package protocol TrainingData: Sendable {
    /// The data set that `digest` names.
    /// - Throws: when this node does not have it.
    func dataset(_ digest: Digest) async throws -> (train: Dataset, test: Dataset)
}
