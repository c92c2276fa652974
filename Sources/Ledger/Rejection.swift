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
