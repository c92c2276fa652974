import API
import Ledger

extension State {
    /// What the ledger knows of an answer, for people; nil when that is nothing.
    func standing(of id: AnswerID) -> ReceiptReport.Standing? {
        switch answer(id) {
        case .closed(let outcome): return .init(state: "\(outcome)")
        case .open(let open):
            if let dispute = dispute(id) {
                return .init(
                    state: "disputed", appealUntil: open.appeal?.end ?? open.conviction?.end,
                    dispute: .init(
                        defender: "\(dispute.defender)", turn: "\(dispute.turn)", moves: Int(dispute.moves),
                        deadline: dispute.deadline))
            }
            if let appeal = open.appeal { return .init(state: "confirmed", appealUntil: appeal.end) }
            if let conviction = open.conviction { return .init(state: "convicted", appealUntil: conviction.end) }
            return .init(state: open.audit == nil ? "recorded" : "audited")
        case nil: return nil
        }
    }
}
