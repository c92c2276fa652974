package import Keys
package import Ledger
package import Proofs

/// The ledger, as a member of audits needs it.
package protocol Audits: Sendable {
    /// The height of the newest block, and every audit that runs after it.
    func running() async -> (height: UInt64, audits: [OpenAnswer])
    /// Signs the operation with this node's key and hands it to the mempool.
    /// - Throws: when the mempool refuses it.
    func submit(_ operation: Operation) async throws
    /// One element after each block; elements may be dropped when the reader is slow.
    func blocks() async -> AsyncStream<UInt64>
    /// The node that works for an account.
    func node(of account: AccountID) async -> PeerID?
}

/// Where a member gets an answer to judge.
package protocol Exchanges: Sendable {
    /// What this peer shows of a job.
    /// - Throws: when it does not, in time.
    func exchange(of job: Digest, from peer: PeerID) async throws -> Exchange
}

/// Who may see an answer that this node keeps, as the ledger says.
package protocol AuditReaders: Sendable {
    func access(of peer: PeerID, to answer: AnswerID, of client: AccountID) async -> AuditAccess
}

package enum AuditAccess: Hashable, Sendable {
    /// The ledger does not know the answer: who knows its digest has it from one of its two sides.
    case untold
    /// Has a seat in its audit, which runs.
    case member
    /// The client's node.
    case client
    case stranger
}
