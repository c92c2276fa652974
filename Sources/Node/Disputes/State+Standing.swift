import API
import Ledger

extension State {
    /// What the ledger knows of an answer, for people; nil when that is nothing.
    func standing(of id: AnswerID) -> ReceiptReport.Standing? {
        switch answer(id) {
        case .closed(let outcome): return .init(state: "\(outcome)")
        case .open(let open):
            guard let dispute = dispute(id) else { return .init(state: open.audit == nil ? "recorded" : "audited") }
            return .init(
                state: "disputed",
                dispute: .init(turn: "\(dispute.turn)", moves: Int(dispute.moves), deadline: dispute.deadline))
        case nil: return nil
        }
    }
}
