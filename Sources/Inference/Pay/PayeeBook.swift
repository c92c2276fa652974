package import Keys
package import Ledger
package import Wire

/// What a payee was promised, and which answers it was for. Pure: no disk, no clock.
package struct PayeeBook: Book, Hashable {
    /// Answers that wait for the ledger; the oldest is given up beyond that.
    package static let dueLimit = 4096

    package struct Line: Hashable, Sendable, Canonical {
        package let payer: AccountID
        /// A height at which the ledger had the channel.
        package internal(set) var seen: UInt64
        /// Worth more than all before.
        package internal(set) var best: SignedVoucher
        /// What answers cost that were paid through the channel; never more than `best` says.
        package internal(set) var charged = Amount.zero
        package internal(set) var answers: UInt64 = 0

        package func encode(into writer: inout ByteWriter) {
            writer.write(payer)
            writer.write(seen)
            writer.write(best)
            writer.write(charged)
            writer.write(answers)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Line {
            Line(
                payer: try reader.read(), seen: try reader.readUInt64(), best: try reader.read(),
                charged: try reader.read(), answers: try reader.readUInt64())
        }
    }

    package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case unknownChannel(Digest)
        /// The channel pays somebody else, or comes from somebody else.
        case otherParties(Digest)
        case signature
        case aboveDeposit(Amount, deposit: Amount)
        /// Too few blocks are left.
        case ending(at: UInt64)
        /// Worth too little for what is charged.
        case short(Amount, needed: Amount)

        package var description: String {
            switch self {
            case .unknownChannel(let id): "there is no channel \(id.short)… on the ledger here; open one"
            case .otherParties(let id): "the channel \(id.short)… is not from this client to this provider"
            case .signature: "the voucher is not signed by the key of its channel"
            case .aboveDeposit(let amount, let deposit):
                "the voucher says \(amount), and the channel holds \(deposit): top it up"
            case .ending(let height): "the channel ends at height \(height), too soon to claim: open another"
            case .short(let amount, let needed):
                "the voucher says \(amount); with what was charged before, \(needed) are due"
            }
        }

        /// Whether a block that is not here yet may mend it.
        package var isAboutTheLedger: Bool {
            switch self {
            case .unknownChannel, .aboveDeposit: true
            case .otherParties, .signature, .ending, .short: false
            }
        }
    }

    /// By channel.
    package private(set) var lines: [Digest: Line] = [:]
    /// Of the last jobs that were paid, the channel.
    package private(set) var paid = RecentJobs()
    /// Answers that are to be put on the ledger, in the order in which they came.
    package private(set) var due: [PayeeEntry.Due] = []

    package init() {}

    package mutating func apply(_ entry: PayeeEntry) {
        switch entry {
        case .voucher(let voucher, let payer, let height):
            let channel = voucher.voucher.channel
            guard let line = lines[channel] else {
                lines[channel] = Line(payer: payer, seen: height, best: voucher)
                return
            }
            lines[channel]?.seen = max(line.seen, height)
            if voucher.voucher.amount > line.best.voucher.amount { lines[channel]?.best = voucher }
        case .charged(let job, let channel, let seeds):
            guard paid[job] == nil, let line = lines[channel] else { return }
            lines[channel]?.charged = line.charged.adding(seeds) ?? Amount(seeds: .max)
            lines[channel]?.answers += 1
            paid.note(job, in: channel)
        case .due(let answer):
            if !due.contains(where: { $0.job == answer.job }) { due.append(answer) }
            if due.count > Self.dueLimit { due.removeFirst() }
        case .recorded(let job): due.removeAll { $0.job == job }
        case .forgotten(let channel): lines[channel] = nil
        }
    }

    /// Whether a voucher is good, whatever it is for.
    /// - Parameter state: the ledger as this node knows it.
    package func check(
        _ signed: SignedVoucher, from payer: AccountID? = nil, to payee: AccountID, in state: State
    ) throws(Fault) -> Channel {
        let id = signed.voucher.channel
        guard let channel = state.channel(id) else { throw .unknownChannel(id) }
        guard channel.payee == payee, payer == nil || channel.payer == payer else { throw .otherParties(id) }
        guard signed.isSigned(by: channel.signer) else { throw .signature }
        guard signed.voucher.amount <= channel.deposit else {
            throw .aboveDeposit(signed.voucher.amount, deposit: channel.deposit)
        }
        return channel
    }

    /// What to write down for a good voucher; nil when it says no more than the last one.
    /// - Parameter height: at which the ledger has the channel.
    package func entry(for signed: SignedVoucher, payer: AccountID, height: UInt64) -> PayeeEntry? {
        guard let line = lines[signed.voucher.channel], signed.voucher.amount <= line.best.voucher.amount else {
            return .voucher(signed, payer: payer, height: height)
        }
        return nil
    }

    /// What to write down to charge an answer, after the voucher that came with it.
    /// - Returns: nil when it is charged already.
    package func charge(_ job: Digest, _ seeds: Amount, to channel: Digest) throws(Fault) -> PayeeEntry? {
        if paid[job] != nil { return nil }
        guard let line = lines[channel] else { throw .unknownChannel(channel) }
        let promised = line.best.voucher.amount
        guard let total = line.charged.adding(seeds), total <= promised else {
            throw .short(promised, needed: line.charged.adding(seeds) ?? Amount(seeds: .max))
        }
        return .charged(job, channel: channel, seeds)
    }

    // MARK: Encoding

    package func encode(into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(lines.count))
        for (channel, line) in lines.sorted(by: { $0.key < $1.key }) {
            writer.write(channel)
            writer.write(line)
        }
        writer.write(paid)
        writer.write(list: due)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> PayeeBook {
        var book = PayeeBook()
        var last: Digest?
        for _ in 0..<(try reader.readVarint()) {
            let channel: Digest = try reader.read()
            if let last, channel <= last { throw .invalid("channels that do not ascend") }
            last = channel
            book.lines[channel] = try reader.read(Line.self)
        }
        book.paid = try reader.read()
        book.due = try reader.readList(limit: dueLimit)
        return book
    }
}
