import API
import Ledger

extension NodeEvent.Judged {
    /// The end of a dispute: the answer stands, or it does not, or the word of a member of its committee does not.
    init(_ end: LedgerEvent.DisputeEnded, at height: UInt64) {
        let (defender, challenger) = ("\(end.defender)", "\(end.challenger)")
        let isRejected = end.winner == .challenger
        let half = NodeEvent.Movement(
            account: isRejected ? challenger : defender, amount: String(end.reward.seeds))
        let loss = NodeEvent.Movement(
            account: isRejected ? defender : challenger, amount: String(end.loss.seeds))
        self.init(
            request: "\(end.answer.job)", provider: "\(end.answer.provider)", member: end.isAppeal ? defender : nil,
            outcome: isRejected ? "rejected" : "accepted", reason: end.reason.text(loser: end.loser), height: height,
            payments: [half], slashes: [loss])
    }
}

extension LedgerEvent.DisputeEnded {
    /// Whether a member of a committee had to stand for what it has found.
    fileprivate var isAppeal: Bool { defender != answer.provider }

    fileprivate var loser: String {
        guard winner == .challenger else { return "the client" }
        return isAppeal ? "the member of the committee" : "the provider"
    }
}

extension DisputeReason {
    /// For people.
    fileprivate func text(loser name: String) -> String {
        switch self {
        case .late: "dispute: \(name) did not move in time"
        case .malformed: "dispute: \(name) showed something else than was due"
        case .recomputed: "dispute: the ledger computed the number in question, and \(name) was wrong"
        case .evident: "dispute: \(name)'s own signatures show that it was wrong"
        }
    }
}
