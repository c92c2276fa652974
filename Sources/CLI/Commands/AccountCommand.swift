import API
import ArgumentParser

struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Show an account: balance, stake, reputation, payment channels.",
        discussion: """
            Examples:
              banyan account                 the node's own
              banyan account ban1… --json
            """)
    @Argument(help: "The account, 'ban1…'; without it, the node's own.") var account: String?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try node.client()
        let name: String
        if let account {
            name = account
        } else {
            name = try await client.get("/v1/status", as: NodeStatus.self).account
        }
        try output.show(try await client.get("/v1/accounts/\(name)", as: AccountReport.self)) { account in
            """
            account     \(account.account)
            balance     \(fig(account.balance)) FIG
            stake       \(fig(account.stake)) FIG
            unbonding   \(fig(account.unbonding)) FIG
            reputation  level \(account.reputationLevel) of 3
            node key    \(account.node ?? "none registered")
            at height   \(account.height)\(channels(account))
            """
        }
    }

    private func channels(_ account: AccountReport) -> String {
        guard let channels = account.channels, !channels.isEmpty else { return "" }
        let rows = channels.map { channel in
            [
                String(channel.channel.prefix(16)), channel.direction.rawValue, short(channel.partner),
                fig(channel.deposit), fig(channel.promised), fig(channel.claimed), fig(channel.rest),
                channel.isClosing ? "\(channel.end), closing" : "\(channel.end)",
            ]
        }
        return "\n\n" + table(["CHANNEL", "", "PARTNER", "DEPOSIT", "PROMISED", "CLAIMED", "LEFT", "ENDS AT"], rows)
    }
}
