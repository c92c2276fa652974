package import Keys

/// What a block changed, for those who act on it or show it.
package enum LedgerEvent: Hashable, Sendable {
    case transferred(from: AccountID, to: AccountID, amount: Amount)
    case staked(AccountID, Amount)
    case unstaked(AccountID, Amount)
    case nodeRegistered(AccountID, PublicKey)
    case jobPosted(Digest)
    case trainerJoined(job: Digest, account: AccountID)
    case roundOpened(RoundOpened)
    case receiptRecorded(Receipt)
    case auditOpened(AuditOpened)
    case verdictRecorded(Verdict, by: AccountID)
    case updateDecided(job: Digest, round: UInt32, worker: AccountID, UpdateOutcome)
    /// The accepted receipts in the order in which everybody adds them.
    case aggregationOpened(job: Digest, round: UInt32, accepted: [Receipt], deadline: UInt64)
    case roundSettled(RoundSettled)
    /// The round came to no end in time; it is tried again, or the job is closed.
    case roundFailed(job: Digest, round: UInt32)
    case jobFinished(Digest, completed: Bool)
    case slashed(AccountID, Amount, reason: SlashReason)
    case channelOpened(Digest, Channel)
    case channelToppedUp(Digest, Amount)
    case channelClaimed(Digest, ServicePayment)
    /// The payer has closed; the payee may claim at heights below `end`.
    case channelClosing(Digest, end: UInt64)
    case channelClosed(Digest, refund: Amount)
    case volunteered(AccountID, Bool)
    case answerRecorded(AnswerRecord, end: UInt64)
    case answerAccused(AnswerRecord, by: AccountID)
    case answerAuditOpened(AnswerAuditOpened)
    /// Every commitment is there, or the time for them is over.
    case answerFindingsOpened(AnswerID, deadline: UInt64)
    /// The findings speak against the answer; who has planted the fault says so at height `deadline` at the latest.
    case answerPleading(AnswerID, deadline: UInt64)
    case answerAudited(AnswerAudited)
    /// A committee has found it right: its client can appeal against those who said so until the block at height `end`.
    case answerConfirmed(AnswerID, by: [AccountID], end: UInt64)
    /// A committee has found it wrong and its provider was slashed: it can appeal against those who said so until the block at height `end`.
    case answerConvicted(AnswerID, by: [AccountID], end: UInt64)
    case convictionEnded(ConvictionEnded)
    case witnessShown(WitnessShown)
    /// Its stake is free again; nobody can accuse it any more.
    case answerClosed(AnswerID, AnswerOutcome)
    case equivocated(AnswerID, reportedBy: AccountID)
    /// `with` is who has to stand for its answer, or for its finding.
    case disputeOpened(AnswerRecord, by: AccountID, with: AccountID, bond: Amount)
    /// `party` is to move, at height `deadline` at the latest; there were `moves` before.
    case disputeAwaits(AnswerID, DisputeParty, moves: UInt32, deadline: UInt64)
    case disputeEnded(DisputeEnded)

    package struct Movement: Hashable, Sendable {
        package var account: AccountID
        package var amount: Amount

        package init(account: AccountID, amount: Amount) {
            self.account = account
            self.amount = amount
        }
    }

    package enum SlashReason: Hashable, Sendable {
        case doubleSign, rejectedUpdate, falseVerdict
        /// An answer that an audit found wrong, or could not get, or whose provider lost a dispute about it.
        case wrongAnswer
        case equivocation
        /// A member of an audit revealed nothing; or a recomputation that is not that of the others, or it lost a dispute about its finding.
        case silentAuditor, falseAuditor
    }
}
