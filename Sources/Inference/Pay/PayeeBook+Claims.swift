package import Keys
package import Ledger

extension PayeeBook {
    /// The vouchers to take to the ledger now.
    /// - Parameters:
    ///   - isLeaving: the node ends; whatever is worth its fee is claimed.
    ///   - inherited: by channel, what was promised before the node was started: as if it were leaving.
    package func claims(
        in state: State, height: UInt64, isLeaving: Bool = false, inherited: [Digest: Amount] = [:]
    ) -> [SignedVoucher] {
        let rules = ChannelRules(state.parameters)
        return lines.sorted { $0.key < $1.key }.compactMap { id, line in
            guard let channel = state.channel(id), height + 1 < channel.end else { return nil }
            let total = min(line.best.voucher.amount, channel.deposit)
            guard let value = total.subtracting(channel.claimed),
                value.times(UInt64(rules.providerShare), over: 10_000) > rules.fee
            else { return nil }
            let isOld = channel.claimed < min(inherited[id] ?? .zero, channel.deposit)
            let isUrgent = isLeaving || isOld || channel.isClosing || channel.end <= height + rules.lastClaim
            return isUrgent || value >= rules.claim ? line.best : nil
        }
    }

    /// Channels that are over. A state from before a channel was seen says nothing of it: a node that has lost its chain, and fetches it
    /// again, still has its vouchers.
    package func stale(in state: State, height: UInt64) -> [Digest] {
        lines.filter { height >= $0.value.seen && state.channel($0.key) == nil }.map(\.key).sorted()
    }
}
