package import API
import Keys
package import Ledger
import Proofs

/// What the ledger decided about answers in one block, in the words of the API.
package struct AnswerJudgements {
    package let all: [NodeEvent.Judged]

    /// - Parameter events: of the block, in their order: what a decision costs comes before the decision.
    package init(_ events: [LedgerEvent], at height: UInt64) {
        var judged: [NodeEvent.Judged] = []
        var slashes: [NodeEvent.Movement] = []
        for event in events {
            switch event {
            case .slashed(let account, let amount, .wrongAnswer), .slashed(let account, let amount, .silentAuditor),
                .slashed(let account, let amount, .falseAuditor), .slashed(let account, let amount, .equivocation):
                slashes.append(NodeEvent.Movement(account, amount))
            case .answerAudited(let audited):
                judged.append(
                    NodeEvent.Judged(
                        request: "\(audited.answer.job)", provider: "\(audited.answer.provider)",
                        outcome: audited.finding.outcome,
                        reason: audited.isPlanted
                            ? "a planted fault, and the committee has found it" : audited.finding.reason,
                        height: height,
                        payments: audited.payments.map { NodeEvent.Movement($0) }, slashes: slashes))
                slashes = []
            case .equivocated(let answer, _):
                judged.append(
                    NodeEvent.Judged(
                        request: "\(answer.job)", provider: "\(answer.provider)", outcome: "rejected",
                        reason: "two receipts for one request", height: height, payments: [], slashes: slashes))
                slashes = []
            case .convictionEnded(let end):
                judged.append(NodeEvent.Judged(end, at: height))
            case .witnessShown(let shown):
                judged.append(NodeEvent.Judged(shown, slashes, at: height))
                slashes = []
            case .disputeEnded(let end):
                judged.append(NodeEvent.Judged(end, at: height))
                slashes = []
            default: break
            }
        }
        all = judged
    }
}

extension AuditFinding? {
    fileprivate var outcome: String {
        switch self {
        case .correct: "accepted"
        case .faulty, .unavailable: "rejected"
        case .unable, nil: "undecided"
        }
    }

    fileprivate var reason: String? {
        switch self {
        case .correct: nil
        case .faulty(let fault, _): InferenceFault.description(code: fault.code, place: fault.step)
        case .unavailable: "the provider did not show the answer"
        case .unable, nil: "the committee came to no end"
        }
    }
}
