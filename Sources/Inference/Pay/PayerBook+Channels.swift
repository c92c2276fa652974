package import Keys
package import Ledger

extension PayerBook {
    /// What has to happen before a question that may cost so much can be asked.
    package enum Step: Hashable, Sendable {
        case use(Digest)
        /// An opening is on its way.
        case wait
        case topUp(Digest, Amount)
        case open(Amount, end: UInt64)
        case poor(needed: Amount, balance: Amount)
    }

    /// - Parameters:
    ///   - payer: the account of this book.
    ///   - seeds: the highest price of the question.
    ///   - state: after the block at `height`.
    package func step(
        of payer: AccountID, toward payee: AccountID, for seeds: Amount, in state: State, height: UInt64
    ) -> Step {
        let rules = ChannelRules(state.parameters)
        let own = lines.filter { $0.value.payee == payee }.sorted { $0.key < $1.key }
        var open: [(id: Digest, room: Amount)] = []
        for (id, line) in own {
            guard let channel = state.channel(id) else {
                if height < line.used + ChannelRules.patience { return .wait }
                continue
            }
            guard !channel.isClosing, channel.end > height + rules.margin else { continue }
            open.append((id, room(of: line, id, channel)))
        }
        if let ready = open.first(where: { $0.room >= seeds }) { return .use(ready.id) }
        let balance = state.account(payer)?.balance ?? .zero
        let spendable = balance.subtracting(rules.fee) ?? .zero
        let comfort = min(
            seeds.times(ChannelRules.questions, over: 1), Amount(seeds: balance.seeds / ChannelRules.questions))
        let missing = open.first.map { seeds - $0.room }
        let needed = missing ?? max(seeds, rules.minimumDeposit)
        guard needed <= spendable else {
            return .poor(needed: needed.adding(rules.fee) ?? needed, balance: balance)
        }
        let amount = max(needed, comfort)
        if let first = open.first { return .topUp(first.id, amount) }
        return .open(amount, end: height + rules.life)
    }

    /// What a channel can still promise.
    private func room(of line: Line, _ id: Digest, _ channel: Channel) -> Amount {
        let promised = line.signed.adding(reserved(in: id)) ?? Amount(seeds: .max)
        return channel.deposit.subtracting(promised) ?? .zero
    }

    /// Channels that nobody has used for long and that owe nothing: their payer wants its money back.
    package func idle(in state: State, height: UInt64) -> [Digest] {
        let rules = ChannelRules(state.parameters)
        return lines.filter { id, line in
            guard let channel = state.channel(id), !channel.isClosing, line.used + rules.idle < height else {
                return false
            }
            return line.signed == line.acknowledged && !debts.values.contains { $0.channel == id }
        }.map(\.key).sorted()
    }

    /// Channels that are over, or never came to be.
    package func stale(in state: State, height: UInt64) -> [Digest] {
        lines.filter { state.channel($0.key) == nil && $0.value.used + ChannelRules.mempoolLife < height }.map(\.key)
            .sorted()
    }

    /// The nodes with whom something is open: an answer that may have to be paid, or a voucher that may not have arrived.
    /// - Parameter active: jobs of questions that are under way.
    package func creditors(except active: Set<Digest>) -> [PublicKey] {
        let debts = debts.values.filter { !active.contains($0.job) }.map(\.node)
        let vouchers = unacknowledged.compactMap { lines[$0]?.node }
        return Set(debts + vouchers).sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    /// Channels whose last voucher the payee is not known to have.
    package var unacknowledged: [Digest] {
        lines.filter { $0.value.signed > $0.value.acknowledged }.map(\.key).sorted()
    }
}
