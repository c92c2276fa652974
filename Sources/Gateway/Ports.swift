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

/// Asking the providers of the network, as the gateway needs it.
package protocol InferencePort: Sendable {
    /// Tells one line of an answer after the other, and waits while the reader is slow.
    typealias Telling = (AnswerEvent) async throws -> Void

    /// Looks at the question.
    /// - Returns: what asks it and tells the answer; it ends with the last line, and breaks off when telling fails.
    func answer(to question: Question) async throws(Problem)
        -> @Sendable (_ tell: @escaping Telling) async throws -> Void
    func quotes(for question: Question) async throws(Problem) -> [QuoteReport]
    func providers() async -> [ProviderReport]
    func receipts() async throws(Problem) -> [ReceiptReport]
    func receipt(_ id: String) async throws(Problem) -> ReceiptReport
}
