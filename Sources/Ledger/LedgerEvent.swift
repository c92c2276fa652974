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

    package struct DisputeEnded: Hashable, Sendable {
        package var answer: AnswerID
        package var challenger: AccountID
        /// The provider, or a member of the committee that has found the answer right.
        package var defender: AccountID
        /// The member of the committee that had to stand for its finding, on whichever side; nil when the committee was not in question.
        package var member: AccountID?
        package var winner: DisputeParty
        package var reason: DisputeReason
        package var moves: UInt32
        /// What the loser paid: its bond, or what was slashed of its stake.
        package var loss: Amount
        /// What who was right has of it: half, since a dispute with oneself would be free if it were all.
        package var reward: Amount { Amount(seeds: loss.seeds / 2) }

        package init(
            answer: AnswerID, challenger: AccountID, defender: AccountID, member: AccountID?, winner: DisputeParty,
            reason: DisputeReason, moves: UInt32, loss: Amount
        ) {
            self.answer = answer
            self.challenger = challenger
            self.defender = defender
            self.member = member
            self.winner = winner
            self.reason = reason
            self.moves = moves
            self.loss = loss
        }
    }

    package struct RoundOpened: Hashable, Sendable {
        package var job: Digest
        package var round: UInt32
        package var model: Digest
        /// Fixes the order of the training samples.
        package var seed: Digest
        /// Last height for receipts.
        package var deadline: UInt64
    }

    package struct AuditOpened: Hashable, Sendable {
        package var job: Digest
        package var round: UInt32
        package var committees: [Committee]
        /// What the members' own draws are made over.
        package var seed: Digest
        package var deadline: UInt64
    }

    package struct RoundSettled: Hashable, Sendable {
        package var job: Digest
        package var round: UInt32
        package var model: Digest
        package var payments: [Movement]
        package var slashes: [Movement]
    }

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

/// What a committee made of an update.
package enum UpdateOutcome: Hashable, Sendable {
    case accepted
    case rejected(Fault)
    /// The committee did not come to an end in time: not paid, not slashed.
    case unverified
}

/// The verifiers drawn for one receipt.
package struct Committee: Hashable, Sendable {
    package var worker: AccountID
    package var receipt: Digest
    package var members: [AccountID]

    package init(worker: AccountID, receipt: Digest, members: [AccountID]) {
        self.worker = worker
        self.receipt = receipt
        self.members = members
    }
}
