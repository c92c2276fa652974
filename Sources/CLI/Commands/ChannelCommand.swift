import API
import ArgumentParser
import Keys
import Ledger

struct ChannelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "channel",
        abstract: "Close a payment channel.",
        discussion: """
            A node opens channels to the providers it pays, and closes those that nobody used for 8,640 blocks. Closing one by hand
            gives back what it still holds after the same time, in which the provider may claim what it was promised.
            'banyan account' lists the channels of a node.
            """,
        subcommands: [ChannelClose.self])
}

struct ChannelClose: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close",
        abstract: "Close a channel, as its payer or its payee.",
        discussion: "Example: banyan channel close 9f86d081")
    @Argument(help: "The channel, or its first digits.") var channel: String
    @OptionGroup var transaction: TransactionOptions

    func run() async throws {
        let id = try await wholeID(try transaction.node.client())
        try await transaction.send(.closeChannel(id)) { "closing \(id) since block \($0.height ?? 0)" }
    }

    /// A person types the first digits.
    private func wholeID(_ client: NodeClient) async throws -> Digest {
        if let id = Digest(hex: channel) { return id }
        let account = try await client.get("/v1/status", as: NodeStatus.self).account
        let known = try await client.get("/v1/accounts/\(account)", as: AccountReport.self).channels ?? []
        let found = known.filter { !channel.isEmpty && $0.channel.hasPrefix(channel.lowercased()) }
        guard found.count == 1, let id = Digest(hex: found[0].channel) else {
            throw Problem.notFound(
                found.isEmpty
                    ? "No channel of this node begins with '\(channel)'."
                    : "\(found.count) channels begin with '\(channel)'.",
                remedy: "See: banyan account")
        }
        return id
    }
}
