package import Keys

/// What a block says of the audits of answers, and of what follows from them.
extension LedgerEvent {
    package struct AnswerAuditOpened: Hashable, Sendable {
        package var answer: AnswerRecord
        /// Nil for an audit by lot.
        package var accuser: AccountID?
        package var members: [AccountID]
        /// Says which value the members have to show.
        package var seed: Digest
        /// Last heights for a commitment and for a finding.
        package var commitDeadline: UInt64
        package var revealDeadline: UInt64
    }

    package struct AnswerAudited: Hashable, Sendable {
        package var answer: AnswerID
        /// Nil when the committee came to no end: the answer can be accused again while there is time.
        package var finding: AuditFinding?
        package var payments: [Movement]
        /// The client had planted the fault: the provider pays nothing.
        package var isPlanted: Bool

        package init(answer: AnswerID, finding: AuditFinding?, payments: [Movement], isPlanted: Bool = false) {
            self.answer = answer
            self.finding = finding
            self.payments = payments
            self.isPlanted = isPlanted
        }
    }

    package struct WitnessShown: Hashable, Sendable {
        package var answer: AnswerID
        /// The member that has shown that the others have not computed what they have confirmed.
        package var by: AccountID
        /// What those have back and earn that have computed it.
        package var payments: [Movement]

        package init(answer: AnswerID, by: AccountID, payments: [Movement]) {
            self.answer = answer
            self.by = by
            self.payments = payments
        }
    }

    package struct ConvictionEnded: Hashable, Sendable {
        package var answer: AnswerID
        /// False when every member that had found the answer wrong has lost a dispute with its provider.
        package var isUpheld: Bool
        /// What was held of the provider's stake: now the accuser's, the committee's and the treasury's, or the provider's again.
        package var held: Amount
        /// Wages of the members that were right.
        package var payments: [Movement]

        package init(answer: AnswerID, isUpheld: Bool, held: Amount, payments: [Movement]) {
            self.answer = answer
            self.isUpheld = isUpheld
            self.held = held
            self.payments = payments
        }
    }
}
