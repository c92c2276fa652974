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
        }
        return Digest(sha256: writer.bytes)
    }
}
