package import Keys
package import Ledger

extension PayeeBook {
    /// The vouchers to take to the ledger now.
    /// - Parameter isLeaving: the node ends; whatever is worth its fee is claimed.
    package func claims(in state: State, height: UInt64, isLeaving: Bool = false) -> [SignedVoucher] {
        let rules = ChannelRules(state.parameters)
        return lines.sorted { $0.key < $1.key }.compactMap { id, line in
            guard let channel = state.channel(id), height + 1 < channel.end else { return nil }
            let total = min(line.best.voucher.amount, channel.deposit)
            guard let value = total.subtracting(channel.claimed),
                value.times(UInt64(rules.providerShare), over: 10_000) > rules.fee
            else { return nil }
            let isUrgent = isLeaving || channel.isClosing || channel.end <= height + rules.lastClaim
            return isUrgent || value >= rules.claim ? line.best : nil
        }
    }

    /// Channels that are over.
    /// - Note: a voucher that was shown is for a channel that was on the ledger then, so none of these can come back.
    package func stale(in state: State) -> [Digest] {
        lines.keys.filter { state.channel($0) == nil }.sorted()
    }
}
