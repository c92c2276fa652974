package import Keys
package import Ledger
internal import Proofs

/// What a provider does next about an answer of its own that a committee has found wrong. Pure: it is shown the ledger after each block.
package enum DefencePlan: Hashable, Sendable {
    /// Nothing now, or ever.
    case wait
    /// Dispute with a member that has found a fault.
    case appeal(against: AccountID)

    /// - Parameters:
    ///   - conviction: as it stands on the ledger, with no dispute about it.
    ///   - isRight: what the provider's own recomputation says of its answer.
    package init(_ conviction: AnswerConviction, isRight: Bool) {
        // One after the other: the first that is right ends it. With one whose fault no dispute is about, the conviction stays; the
        // others have lied all the same.
        let member = conviction.members.first { InferenceFault.evidence(ofCode: $0.fault.code) != .nothing }
        self = isRight ? member.map { .appeal(against: $0.account) } ?? .wait : .wait
    }
}
