package import Keys
package import Ledger
package import Wire

/// What a payer has promised: its channels, the questions it has asked, and what it has signed for. Pure: no disk, no clock.
///
/// A *debt* is a question that was asked and is not paid yet. It reserves its highest price, so that everything asked at the same
/// time can be paid, and it outlives a crash, so that an answer that came before it is paid after it.
package struct PayerBook: Book, Hashable {
    package struct Line: Hashable, Sendable, Canonical {
        package let payee: AccountID
        /// The height at which the opening was sent, or the channel last used.
        package internal(set) var used: UInt64
        /// What vouchers promise in all.
        package internal(set) var signed = Amount.zero
        /// What the payee is known to have.
        package internal(set) var acknowledged = Amount.zero
        /// The payee's node that was asked last.
        package internal(set) var node: PublicKey?

        package func encode(into writer: inout ByteWriter) {
            writer.write(payee)
            writer.write(used)
            writer.write(signed)
            writer.write(acknowledged)
            writer.write(optional: node)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Line {
            Line(
                payee: try reader.read(), used: try reader.readUInt64(), signed: try reader.read(),
                acknowledged: try reader.read(), node: try reader.readOptional())
        }
    }

    package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// Nobody asked for this job, or it was dropped.
        case notAsked(Digest)
        case aboveLimit(Amount, limit: Amount)

        package var description: String {
            switch self {
            case .notAsked(let job): "nothing is owed for \(job.short)…"
            case .aboveLimit(let amount, let limit): "\(amount) are more than the \(limit) that were agreed to at most"
            }
        }
    }

    /// By channel.
    package private(set) var lines: [Digest: Line] = [:]
    /// By job.
    package private(set) var debts: [Digest: PayerEntry.Asked] = [:]
    /// Of the last jobs that were paid, the channel.
    package private(set) var paid = RecentJobs()

    package init() {}

    package mutating func apply(_ entry: PayerEntry) {
        switch entry {
        case .opening(let channel, let payee, let height):
            if lines[channel] == nil { lines[channel] = Line(payee: payee, used: height) }
        case .asked(let asked):
            guard paid[asked.job] == nil, lines[asked.channel] != nil else { return }
            debts[asked.job] = asked
            lines[asked.channel]?.node = asked.node
            lines[asked.channel]?.used = asked.height
        case .dropped(let job): debts[job] = nil
        case .paid(let job, let seeds):
            guard let debt = debts.removeValue(forKey: job), let line = lines[debt.channel] else { return }
            lines[debt.channel]?.signed = line.signed.adding(seeds) ?? Amount(seeds: .max)
            paid.note(job, in: debt.channel)
        case .acknowledged(let channel, let amount):
            guard let line = lines[channel] else { return }
            lines[channel]?.acknowledged = min(line.signed, max(line.acknowledged, amount))
        case .forgotten(let channel):
            lines[channel] = nil
            debts = debts.filter { $0.value.channel != channel }
        }
    }

    /// What to write down so that a voucher for the job may go out.
    /// - Returns: nil when the job is paid already.
    package func payment(for job: Digest, _ seeds: Amount) throws(Fault) -> PayerEntry? {
        if paid[job] != nil { return nil }
        guard let debt = debts[job] else { throw .notAsked(job) }
        guard seeds <= debt.limit else { throw .aboveLimit(seeds, limit: debt.limit) }
        return .paid(job, seeds)
    }

    /// What the channel's voucher says now.
    package func voucher(of channel: Digest) -> Voucher? {
        lines[channel].map { Voucher(channel: channel, amount: $0.signed) }
    }

    /// What the open questions of a channel may cost at most.
    package func reserved(in channel: Digest) -> Amount {
        debts.values.reduce(.zero) { sum, debt in
            debt.channel == channel ? sum.adding(debt.limit) ?? Amount(seeds: .max) : sum
        }
    }

    // MARK: Encoding

    package func encode(into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(lines.count))
        for (channel, line) in lines.sorted(by: { $0.key < $1.key }) {
            writer.write(channel)
            writer.write(line)
        }
        writer.write(list: debts.values.sorted { $0.job < $1.job })
        writer.write(paid)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> PayerBook {
        var book = PayerBook()
        var last: Digest?
        for _ in 0..<(try reader.readVarint()) {
            let channel: Digest = try reader.read()
            if let last, channel <= last { throw .invalid("channels that do not ascend") }
            last = channel
            book.lines[channel] = try reader.read(Line.self)
        }
        last = nil
        for debt in try reader.readList(PayerEntry.Asked.self, limit: 1 << 20) {
            if let last, debt.job <= last { throw .invalid("jobs that do not ascend") }
            last = debt.job
            book.debts[debt.job] = debt
        }
        book.paid = try reader.read()
        return book
    }
}
