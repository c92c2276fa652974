package import API

/// What the gateway needs of a node. `Node` fulfils it; the gateway knows no other module.
package protocol NodePort: Sendable {
    func status() async -> NodeStatus
    func peers() async -> [PeerReport]
    func account(_ account: String) async throws(Problem) -> AccountReport
    func nonce(of signer: String) async throws(Problem) -> NonceReport
    func proof(of account: String) async throws(Problem) -> ProofReport
    func blocks(from height: UInt64?, limit: Int) async throws(Problem) -> [BlockReport]
    func block(at height: UInt64) async throws(Problem) -> BlockReport
    func submit(_ submission: TransactionSubmission) async throws(Problem) -> TransactionReport
    func transaction(_ id: String) async throws(Problem) -> TransactionReport
    func jobs() async -> [JobReport]
    func job(_ id: String) async throws(Problem) -> JobReport
    func store(_ submission: BlobSubmission) async throws(Problem) -> BlobReport
    func blob(_ digest: String) async throws(Problem) -> [UInt8]
}
