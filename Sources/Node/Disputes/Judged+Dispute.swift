import API
import Ledger

extension NodeEvent.Judged {
    /// The end of a dispute: the answer stands, or it does not, or the word of a member of its committee does not.
    init(_ end: LedgerEvent.DisputeEnded, at height: UInt64) {
        let isRejected = end.winner == .challenger
        let half = NodeEvent.Movement(isRejected ? end.challenger : end.defender, end.reward)
        let loss = NodeEvent.Movement(isRejected ? end.defender : end.challenger, end.loss)
        self.init(
            request: "\(end.answer.job)", provider: "\(end.answer.provider)", member: end.member.map { "\($0)" },
            outcome: isRejected ? "rejected" : "accepted", reason: end.reason.text(loser: end.loser), height: height,
            payments: [half], slashes: [loss])
    }
}

extension NodeEvent.Judged {
    /// A member that was outvoted has shown the state that its value is made of.
    init(_ shown: LedgerEvent.WitnessShown, _ slashes: [NodeEvent.Movement], at height: UInt64) {
        self.init(
            request: "\(shown.answer.job)", provider: "\(shown.answer.provider)", member: "\(shown.by)",
            outcome: "accepted", reason: "the member has shown a state that the others have not computed",
            height: height,
            payments: shown.payments.map { NodeEvent.Movement($0) },
            slashes: slashes)
    }

    /// The end of a conviction: the committee is paid, or the provider has its stake back.
    init(_ end: LedgerEvent.ConvictionEnded, at height: UInt64) {
        let provider = end.answer.provider
        var payments = end.payments.map { NodeEvent.Movement($0) }
        if !end.isUpheld { payments.insert(.init(provider, end.held), at: 0) }
        self.init(
            request: "\(end.answer.job)", provider: "\(provider)", outcome: end.isUpheld ? "rejected" : "accepted",
            reason: end.isUpheld
                ? "the finding of the committee stands" : "every member that had found a fault was wrong",
            height: height, payments: payments, slashes: [])
    }
}

extension LedgerEvent.DisputeEnded {
    fileprivate var loser: String {
        switch winner == .challenger ? defender : challenger {
        case member: "the member of the committee"
        case answer.provider: "the provider"
        default: "the client"
        }
    }
}

extension DisputeReason {
    /// For people.
    fileprivate func text(loser name: String) -> String {
        switch self {
        case .late: "dispute: \(name) did not move in time"
        case .malformed: "dispute: \(name) showed something else than was due"
        case .recomputed: "dispute: the ledger computed the number in question, and \(name) was wrong"
        case .evident: "dispute: what was signed shows that \(name) was wrong"
        }
    }
}
