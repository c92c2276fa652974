import API
import Ledger

extension NodeEvent.Judged {
    /// The end of a dispute: the answer stands, or it does not.
    init(_ end: LedgerEvent.DisputeEnded, at height: UInt64) {
        let (provider, challenger) = ("\(end.answer.provider)", "\(end.challenger)")
        let isRejected = end.winner == .challenger
        let half = NodeEvent.Movement(
            account: isRejected ? challenger : provider, amount: String(end.loss.seeds / 2))
        let loss = NodeEvent.Movement(
            account: isRejected ? provider : challenger, amount: String(end.loss.seeds))
        self.init(
            request: "\(end.answer.job)", provider: provider, outcome: isRejected ? "rejected" : "accepted",
            reason: end.reason.text(loser: end.winner.other), height: height, payments: [half], slashes: [loss])
    }
}

extension DisputeReason {
    /// For people.
    func text(loser: DisputeParty) -> String {
        let name = loser == .provider ? "the provider" : "the client"
        return switch self {
        case .late: "dispute: \(name) did not move in time"
        case .malformed: "dispute: \(name) showed something else than was due"
        case .recomputed: "dispute: the ledger computed the number in question, and \(name) was wrong"
        case .evident: "dispute: \(name)'s own signatures show that it was wrong"
        }
    }
}
