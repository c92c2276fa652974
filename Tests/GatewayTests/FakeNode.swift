import API
import Gateway

/// Answers every question with values that show what was asked.
struct FakeNode: NodePort {
    /// Called before `status` answers.
    var onStatus: @Sendable () async -> Void = {}

    static let status = NodeStatus(
        name: "fake", peer: "12D3Koo", account: "ban1a", version: "0.1.0", chain: "fake-1", genesis: "00", height: 7,
        block: "aa", blockTime: 1, stateRoot: "bb", isValidator: true, validators: 1, peers: 0, pending: 0,
        listening: [], uptimeSeconds: 60, supply: SupplyReport(minted: "1", accounted: "1", conserved: true),
        bytesSent: 0, bytesReceived: 0)

    static func job(_ id: String) -> JobReport {
        JobReport(
            id: id, owner: "ban1a", phase: "gathering", round: 0, rounds: 1, model: "cc", budget: "5", trainers: [],
            deadline: nil)
    }

    static func block(_ height: UInt64, limit: Int = 0) -> BlockReport {
        BlockReport(
            height: height, id: "aa", time: 1, proposer: "ban1a", stateRoot: "bb", transactions: [], signatures: limit)
    }

    func status() async -> NodeStatus {
        await onStatus()
        return Self.status
    }

    func peers() async -> [PeerReport] { [] }

    func account(_ account: String) async throws(Problem) -> AccountReport {
        guard account != "nobody" else { throw .notFound("There is no account nobody.", remedy: "Pay it something.") }
        return AccountReport(
            account: account, balance: "1", stake: "2", unbonding: "3", reputationLevel: 1, node: nil, height: 7)
    }

    func nonce(of signer: String) async throws(Problem) -> NonceReport { NonceReport(signer: signer, next: 8) }
    func proof(of account: String) async throws(Problem) -> ProofReport { ProofReport(bundle: account) }

    /// One block: its height is the one that was asked for, its signatures are the limit.
    func blocks(from height: UInt64?, limit: Int) async throws(Problem) -> [BlockReport] {
        [Self.block(height ?? 7, limit: limit)]
    }

    func block(at height: UInt64) async throws(Problem) -> BlockReport { Self.block(height) }

    func submit(_ submission: TransactionSubmission) async throws(Problem) -> TransactionReport {
        guard submission.transaction != "bad" else { throw .refused("The transaction is refused.") }
        return TransactionReport(id: submission.transaction, outcome: .pending)
    }

    func transaction(_ id: String) async throws(Problem) -> TransactionReport {
        TransactionReport(id: id, outcome: .committed, height: 7)
    }

    func jobs() async -> [JobReport] { [Self.job("jj")] }
    func job(_ id: String) async throws(Problem) -> JobReport { Self.job(id) }
    func store(_ submission: BlobSubmission) async throws(Problem) -> BlobReport {
        BlobReport(digest: submission.bytes)
    }
    func blob(_ digest: String) async throws(Problem) -> [UInt8] { Array(digest.utf8) }
}
