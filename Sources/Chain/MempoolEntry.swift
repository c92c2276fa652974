import Keys
import Ledger

/// A transaction that waits for a block.
struct MempoolEntry: Sendable {
    let transaction: Transaction
    let id: Digest
    /// In bytes.
    let size: Int
    /// Counts all that were ever taken.
    let arrival: UInt64
    /// Of the last block when it came.
    let height: UInt64

    /// Higher fee per byte first, then the earlier one; exact by cross-multiplication.
    func precedes(_ other: MempoolEntry) -> Bool {
        let mine = UInt128(transaction.fee.seeds) * UInt128(other.size)
        let others = UInt128(other.transaction.fee.seeds) * UInt128(size)
        return mine != others ? mine > others : arrival < other.arrival
    }
}

extension Operation {
    /// Whether it may be larger than ``ChainMessage/transactionByteLimit`` when it is waited for.
    var mayBeLarge: Bool {
        switch self {
        case .openDispute, .disputeMove, .plead, .showWitness: true
        default: false
        }
    }

    /// What leaves the sender's balance besides the fee, where the operation itself says so.
    var spending: Amount {
        switch self {
        case .transfer(_, let amount), .stake(let amount): amount
        case .postJob(let job): job.budget
        case .openDispute(let opening): opening.bond
        default: .zero
        }
    }
}
