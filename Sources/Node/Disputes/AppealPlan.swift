package import Keys
package import Ledger

/// What a client, or a member that was outvoted, does next about a wrong answer of which a committee has had its say. Pure: it is shown the ledger
/// after each block.
package enum AppealPlan: Hashable, Sendable {
    /// Nothing now.
    case wait
    /// The answer is closed.
    case over
    /// Say that the fault was planted, before the provider is slashed for it.
    case plead
    /// Dispute with a member that has confirmed the answer; nil: with the provider, when none of them is left.
    case appeal(against: AccountID?)
    /// Show the state that this member's value is made of, since the others have confirmed the answer with another value.
    case show(seed: Digest)

    /// - Parameters:
    ///   - state: the answer on the ledger; nil while it is not there.
    ///   - account: whose plan it is.
    ///   - isPlanted: the client has ordered the fault, so that the provider is no liar.
    package init(_ state: AnswerState?, isDisputed: Bool, of account: AccountID, isPlanted: Bool) {
        switch state {
        case nil: self = .wait
        case .closed: self = .over
        case .open(let open):
            if let audit = open.audit {
                self = audit.phase == .pleading && isPlanted ? .plead : .wait
            } else if let appeal = open.appeal, !isDisputed, appeal.loners.contains(where: { $0.account == account }) {
                self = .show(seed: appeal.seed)
            } else if let appeal = open.appeal, !isDisputed,
                appeal.appellants.contains(where: { $0.account == account })
            {
                // One after the other: a member that is right ends it, and no more bonds are lost.
                self =
                    if let member = appeal.upholders.first {
                        .appeal(against: member)
                    } else if isPlanted || appeal.isFaulty { .wait } else {
                        .appeal(against: nil)
                    }
            } else {
                self = .wait
            }
        }
    }
}
