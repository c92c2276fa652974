package import Keys
internal import Wire

/// What a record of the state is about.
package enum StateKey: Hashable, Sendable {
    case account(AccountID)
    /// The nonce of the last transaction that a key signed.
    case nonce(PublicKey)
    case job(Digest)
    /// What a committee member last said about a worker's update.
    case verdict(job: Digest, worker: AccountID, member: AccountID)
    /// Outputs and roots of the receipts of one settled round.
    case history(job: Digest, round: UInt32)
    /// Accounts with stake that comes free at a height.
    case maturing(height: UInt64)
    /// Accounts with stake, ascending.
    case stakers
    /// Jobs that are not over, ascending.
    case openJobs
    case treasury
    case totals
    case parameters
    case channel(Digest)
    /// Channels whose rest goes back at a height, ascending.
    case endingChannels(height: UInt64)
    /// The last certificate of a node key that an account has ever registered.
    case nodeKey(AccountID, PublicKey)
    case answer(AnswerID)
    /// Accounts that audit answers, ascending.
    case auditors
    case auditPool
    /// Answers recorded or accused at a height: the next block draws.
    case drawing(height: UInt64)
    /// Answers that are accused at a height for the last time.
    case endingAnswers(height: UInt64)
    /// Audits of which a phase ends at a height at the latest.
    case auditDeadlines(height: UInt64)
    /// Two receipts of this provider for this job were shown.
    case equivocation(AnswerID)
    case dispute(AnswerID)
    /// What the referee of a dispute knows of it.
    case disputeState(AnswerID)
    /// Answers in dispute, ascending.
    case disputes
    /// Disputes whose side to move is late at a height.
    case disputeDeadlines(height: UInt64)
    /// Answers for which the time of a plea, or of an appeal, is over at a height.
    case answerDeadlines(height: UInt64)

    /// The place in the tree: SHA-256(0x02 ‖ kind ‖ raw key). Keys are hashed so that nobody can grow deep paths cheaply.
    package var path: Digest {
        var writer = ByteWriter(capacity: 104)
        writer.write(UInt8(2))
        switch self {
        case .account(let account):
            writer.write(UInt8(0))
            writer.write(account)
        case .nonce(let signer):
            writer.write(UInt8(1))
            writer.write(signer)
        case .job(let job):
            writer.write(UInt8(2))
            writer.write(job)
        case .verdict(let job, let worker, let member):
            writer.write(UInt8(3))
            writer.write(job)
            writer.write(worker)
            writer.write(member)
        case .history(let job, let round):
            writer.write(UInt8(4))
            writer.write(job)
            writer.write(round)
        case .maturing(let height):
            writer.write(UInt8(5))
            writer.write(height)
        case .stakers: writer.write(UInt8(6))
        case .openJobs: writer.write(UInt8(7))
        case .treasury: writer.write(UInt8(8))
        case .totals: writer.write(UInt8(9))
        case .parameters: writer.write(UInt8(10))
        case .channel(let id):
            writer.write(UInt8(11))
            writer.write(id)
        case .endingChannels(let height):
            writer.write(UInt8(12))
            writer.write(height)
        case .nodeKey(let account, let key):
            writer.write(UInt8(13))
            writer.write(account)
            writer.write(key)
        case .answer(let id):
            writer.write(UInt8(14))
            writer.write(id)
        case .auditors: writer.write(UInt8(15))
        case .auditPool: writer.write(UInt8(16))
        case .drawing(let height):
            writer.write(UInt8(17))
            writer.write(height)
        case .endingAnswers(let height):
            writer.write(UInt8(18))
            writer.write(height)
        case .auditDeadlines(let height):
            writer.write(UInt8(19))
            writer.write(height)
        case .equivocation(let id):
            writer.write(UInt8(20))
            writer.write(id)
        case .dispute(let id):
            writer.write(UInt8(21))
            writer.write(id)
        case .disputeState(let id):
            writer.write(UInt8(22))
            writer.write(id)
        case .disputes: writer.write(UInt8(23))
        case .disputeDeadlines(let height):
            writer.write(UInt8(24))
            writer.write(height)
        case .answerDeadlines(let height):
            writer.write(UInt8(25))
            writer.write(height)
        }
        return Digest(sha256: writer.bytes)
    }
}
