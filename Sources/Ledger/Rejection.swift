package import Keys

/// Why a transaction cannot be in a block at all: a block with it is invalid.
package enum Rejection: Error, Hashable, Sendable, CustomStringConvertible {
    case wrongChain(Digest)
    case signature
    /// The signer is neither the account's root key nor its registered node key, or signs what only the root key may.
    case signer(PublicKey)
    case nonce(UInt64, expected: UInt64)
    case fee(Amount, minimum: Amount)
    case balance(Amount, needed: Amount)

    package var description: String {
        switch self {
        case .wrongChain(let chain): "the transaction is for another chain, \(chain.short)…"
        case .signature: "the signature does not verify"
        case .signer(let key): "the key \(key) may not sign this for the account"
        case .nonce(let nonce, let expected): "the nonce is \(nonce); the signer's next is \(expected)"
        case .fee(let fee, let minimum): "the fee of \(fee) is below \(minimum)"
        case .balance(let balance, let needed): "the balance of \(balance) does not cover \(needed)"
        }
    }
}

/// Why a transaction of a valid block changed nothing; its fee is spent all the same.
package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
    case balance(Amount, needed: Amount)
    case overflow
    case zeroAmount
    case stake(Amount, needed: Amount)
    case tooManyWithdrawals
    case certificate
    case unknownJob(Digest)
    case jobTerms(String)
    case tooManyJobs
    case notTheOwner
    case phase(JobRecord.Phase)
    case alreadyJoined
    case jobFull
    case unregisteredNode
    case banned
    case notATrainer
    case wrongRound(UInt32, running: UInt32)
    case receiptMismatch(String)
    case repeatedReceipt
    case notAMember
    case decided
    case segments
    case drawProof
    case repeatedVote
    case tooManyStakers
    case locked(Amount, stake: Amount)
    case channelDeposit(Amount, minimum: Amount)
    case channelExpiry(UInt64, earliest: UInt64)
    case tooManyChannels(height: UInt64)
    case unknownChannel(Digest)
    case notThePayer
    case notThePayee
    case channelClosing
    case voucherSpent(Amount, claimed: Amount)
    case voucherSignature
    case noAnswers
    case tooManyAnswers
    case answerKey(PublicKey)
    case answerSignature(Digest)
    case repeatedAnswer(Digest)
    case uncovered(Amount, needed: Amount)
    case unknownAnswer(Digest)
    case closedAnswer(AnswerOutcome)
    case underAudit(Digest)
    case otherReceipt(Digest)
    case bond(Amount, needed: Amount)
    case notUnderAudit(Digest)
    case auditPhase(AnswerAudit.Phase)
    case repeatedCommitment
    case noCommitment
    case commitmentMismatch
    case repeatedFinding
    case noContradiction
    case punishedBefore
    case tooManyAuditors
    case undisputable(String)
    case notTheClient
    case inDispute(Digest)
    case notInDispute(Digest)
    case outOfTurn(UInt32)
    case lateMove(deadline: UInt64)
    case tooManyDisputes
    case tooManyDisputeSteps
    case notAnUpholder
    case unplanted
    case noAppellant
    case notAnAccuser
    case notOutvoted
    case otherWitness

    package var description: String {
        switch self {
        case .balance(let balance, let needed): "the balance of \(balance) does not cover \(needed)"
        case .overflow: "the amounts do not fit 64 bits"
        case .zeroAmount: "the amount is zero"
        case .stake(let stake, let needed): "the stake of \(stake) is below \(needed)"
        case .tooManyWithdrawals: "\(Account.unbondingLimit) withdrawals are under way already"
        case .certificate: "the node certificate is not valid now, or not the sender's"
        case .unknownJob(let job): "there is no job \(job.short)…"
        case .jobTerms(let text): text
        case .tooManyJobs: "too many jobs are open"
        case .notTheOwner: "only the owner of the job may do this"
        case .phase(let phase): "the job is \(phase)"
        case .alreadyJoined: "the account has joined already"
        case .jobFull: "the job has all its trainers"
        case .unregisteredNode: "the account has no registered node key"
        case .banned: "the account is banned"
        case .notATrainer: "the account is no trainer of the job"
        case .wrongRound(let round, let running): "round \(round) does not run; round \(running) does"
        case .receiptMismatch(let field): "the receipt's \(field) is not the round's"
        case .repeatedReceipt: "the worker has sent a receipt for this round"
        case .notAMember: "the account is not in the committee"
        case .decided: "the committee has decided already"
        case .segments: "the segments are not among those of the receipt"
        case .drawProof: "the proof of the draw does not verify"
        case .repeatedVote: "the account has voted already"
        case .tooManyStakers: "too many accounts have stake"
        case .locked(let locked, let stake): "\(locked) of the stake cover open answers; \(stake) would be left"
        case .channelDeposit(let deposit, let minimum): "the deposit of \(deposit) is below \(minimum)"
        case .channelExpiry(let expiry, let earliest):
            "the channel would end at height \(expiry); \(earliest) is the earliest"
        case .tooManyChannels(let height): "too many channels end at height \(height); choose another"
        case .unknownChannel(let channel): "there is no channel \(channel.short)…; it may be closed"
        case .notThePayer: "only the payer of the channel may do this"
        case .notThePayee: "only the payee of the channel may do this"
        case .channelClosing: "the channel is being closed"
        case .voucherSpent(let amount, let claimed):
            "the voucher is good for \(amount) in all, and \(claimed) were claimed before"
        case .voucherSignature: "the voucher is not signed by the key of the channel"
        case .noAnswers: "the list of answers is empty"
        case .tooManyAnswers: "the block holds \(Execution.answerLimit) receipts already; try again with the next"
        case .answerKey(let key): "the key \(key.short)… is no node key of the provider, or was one too long ago"
        case .answerSignature(let job): "the signature of the receipt for \(job.short)… does not verify"
        case .repeatedAnswer(let job): "the answer to \(job.short)… is on the ledger already"
        case .uncovered(let free, let needed):
            "the answers risk \(needed), and the stake that covers nothing yet is \(free)"
        case .unknownAnswer(let job): "there is no answer to \(job.short)… on the ledger"
        case .closedAnswer(let outcome): "the answer is closed: \(outcome)"
        case .underAudit(let job): "the answer to \(job.short)… is under audit already"
        case .otherReceipt(let job): "the provider has recorded another receipt for \(job.short)…: report both"
        case .bond(let bond, let needed): "the bond of \(bond) is below \(needed)"
        case .notUnderAudit(let job): "the answer to \(job.short)… is not under audit"
        case .auditPhase(let phase): "the audit is \(phase)"
        case .repeatedCommitment: "the member has committed already"
        case .noCommitment: "the member has not committed in time"
        case .commitmentMismatch: "the finding is not the one that the member committed to"
        case .repeatedFinding: "the member has revealed its finding already"
        case .noContradiction: "the two receipts do not contradict each other"
        case .punishedBefore: "the provider was punished for this job before"
        case .tooManyAuditors: "too many accounts audit answers"
        case .undisputable(let reason): reason
        case .notTheClient: "only the client of the answer may do this"
        case .inDispute(let job): "the answer to \(job.short)… is in dispute"
        case .notInDispute(let job): "the answer to \(job.short)… is not in dispute"
        case .outOfTurn(let moves): "it is not the account's turn, or not the turn for this: there were \(moves) moves"
        case .lateMove(let deadline): "the move was due at height \(deadline)"
        case .tooManyDisputes: "\(AnswerList.limit) answers are in dispute already"
        case .tooManyDisputeSteps:
            "the block holds \(Execution.disputeLimit) moves of disputes already; try again with the next"
        case .notAnUpholder: "the account is no member of a committee whose finding the answer stands on"
        case .noAppellant: "only the client, and members that have found a fault, may appeal, until they have lost"
        case .notAnAccuser: "the account is no member of a committee that still says that the answer is wrong"
        case .notOutvoted:
            "the account is no member of a committee that has found the answer right with another value than the others"
        case .otherWitness: "the state that was shown does not give the value that the member has named"
        case .unplanted: "the request is not the answer's, or its nonce is no commitment with this salt"
        }
    }
}

/// Why a block is invalid.
package enum BlockRejection: Error, Hashable, Sendable, CustomStringConvertible {
    case transaction(index: Int, Rejection)
    /// The rules have a mistake: the chain must stop.
    case supplyNotConserved(accounted: Amount, minted: Amount)

    package var description: String {
        switch self {
        case .transaction(let index, let rejection): "transaction \(index): \(rejection)"
        case .supplyNotConserved(let accounted, let minted): "\(accounted) are accounted for of \(minted) minted"
        }
    }
}
