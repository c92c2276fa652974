package import Keys
package import Ledger

/// Whom a provider trusts for how much before payment: answers that are under way or not paid yet. Forgotten at a restart.
///
/// A client pays after it has seen the answer, so it can always run away with some. A new one gets ``Credit/first`` answers at a
/// time, and one more for each that it has paid, as TCP's slow start; and never more than its channel could pay. What was never paid
/// is forgiven after ``ChannelRules/margin`` blocks: a connection that broke before the receipt came is nobody's fault.
package struct Credit: Hashable, Sendable {
    /// Enough to ask a few questions at once.
    package static let first = 8
    /// The most, however much was paid.
    package static let limit = 128
    /// Answers of all clients that are remembered as unpaid; the oldest is forgiven beyond that.
    package static let memory = 4096

    package struct Loan: Hashable, Sendable {
        package let client: AccountID
        package let channel: Digest
        /// The highest price while the answer is under way, then the price.
        package internal(set) var seeds: Amount
        /// The height at which the answer was there and waited for its payment; nil while it is under way.
        package internal(set) var finished: UInt64?
    }

    package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case tooManyUnpaid(Int)
        case noRoom(Amount, left: Amount)

        package var description: String {
            switch self {
            case .tooManyUnpaid(let count):
                "\(count) answers of this client are under way or unpaid; pay some, and there is room for more"
            case .noRoom(let seeds, let left):
                "the answer may cost \(seeds), and the channel has \(left) left: top it up"
            }
        }
    }

    private var loans: [Digest: Loan] = [:]
    private var order: [Digest] = []

    package init() {}

    package var count: Int { loans.count }
    package subscript(_ job: Digest) -> Loan? { loans[job] }

    /// Lends the price of an answer.
    /// - Parameters:
    ///   - line: what the payee's book says of the channel.
    ///   - deposit: of the channel, on the ledger.
    package mutating func lend(
        _ job: Digest, _ seeds: Amount, to client: AccountID, in channel: Digest, line: PayeeBook.Line, deposit: Amount
    ) throws(Fault) {
        guard loans[job] == nil else { return }
        let count = loans.values.count { $0.client == client }
        let trust = min(UInt64(Self.limit), line.answers + UInt64(Self.first))
        guard count < trust else { throw .tooManyUnpaid(count) }
        let lent = loans.values.reduce(line.charged) { sum, loan in
            loan.channel == channel ? sum.adding(loan.seeds) ?? Amount(seeds: .max) : sum
        }
        let left = deposit.subtracting(max(lent, line.best.voucher.amount)) ?? .zero
        guard seeds <= left else { throw .noRoom(seeds, left: left) }
        loans[job] = Loan(client: client, channel: channel, seeds: seeds)
        order.append(job)
        if order.count > Self.memory { loans[order.removeFirst()] = nil }
    }

    /// The answer is there and costs so much.
    package mutating func fix(_ job: Digest, at seeds: Amount, height: UInt64) {
        loans[job]?.seeds = seeds
        loans[job]?.finished = height
    }

    /// Forgets answers that have waited for their payment since before this height.
    package mutating func forgive(before height: UInt64) {
        for job in order where (loans[job]?.finished).map({ $0 < height }) ?? false { release(job) }
    }

    /// Answers that a channel has not paid for, the oldest first.
    package func finished(in channel: Digest) -> [(job: Digest, seeds: Amount)] {
        order.compactMap { job in
            guard let loan = loans[job], loan.channel == channel, loan.finished != nil else { return nil }
            return (job, loan.seeds)
        }
    }

    /// It is paid, or there is no answer.
    package mutating func release(_ job: Digest) {
        guard loans.removeValue(forKey: job) != nil else { return }
        order.removeAll { $0 == job }
    }
}
