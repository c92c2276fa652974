import API
import Inference
import Keys
import Ledger

/// The payment channels of this node's account, from its books and the ledger.
struct ChannelReports: Sendable {
    let payer: PayerService
    let till: TillService?

    /// Channels that are on the ledger, those that pay first.
    func all(in state: State) async -> [ChannelReport] {
        let paying = await payer.promises.lines.map {
            ($0.key, ChannelReport.Direction.pays, $0.value.payee, $0.value.signed)
        }
        let earning =
            await till?.promises.lines.map {
                ($0.key, ChannelReport.Direction.earns, $0.value.payer, $0.value.best.voucher.amount)
            } ?? []
        return (paying.sorted { $0.0 < $1.0 } + earning.sorted { $0.0 < $1.0 }).compactMap {
            id, direction, partner, promised in
            guard let channel = state.channel(id) else { return nil }
            let rest = channel.deposit.subtracting(max(promised, channel.claimed)) ?? .zero
            return ChannelReport(
                channel: "\(id)", direction: direction, partner: "\(partner)", deposit: String(channel.deposit.seeds),
                promised: String(promised.seeds), claimed: String(channel.claimed.seeds), rest: String(rest.seeds),
                end: channel.end, isClosing: channel.isClosing)
        }
    }
}
