import Chain
import Inference
import Keys
import Ledger

/// The ledger as the auditors of answers see it.
struct AuditsOnChain: Audits, AuditReaders {
    let chain: ChainService
    let wallet: Wallet

    func running() async -> (height: UInt64, audits: [OpenAnswer]) {
        let head = await chain.head
        return (head.height, head.state.audits(at: head.height))
    }

    func submit(_ operation: Operation) async throws { try await wallet.submit(operation) }

    func blocks() async -> AsyncStream<UInt64> { await chain.heights() }

    func node(of account: AccountID) async -> PeerID? {
        await (chain.head.state.account(account)?.node?.node).map(PeerID.init)
    }

    func access(of peer: PeerID, to answer: AnswerID, of client: AccountID) async -> AuditAccess {
        let state = await chain.head.state
        func isNode(of account: AccountID) -> Bool { (state.account(account)?.node?.node).map(PeerID.init) == peer }
        guard let known = state.answer(answer) else { return .untold }
        if case .open(let open) = known, open.audit?.seats.contains(where: { isNode(of: $0.account) }) == true {
            return .member
        }
        return isNode(of: client) ? .client : .stranger
    }
}
