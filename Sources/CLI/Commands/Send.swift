import API
import ArgumentParser
import Keys
import Ledger

struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send FIG to another account.",
        discussion: "Example: banyan send ban1… 12.5")
    @Argument(help: "Account of the recipient, 'ban1…'.") var recipient: AccountID
    @Argument(help: "Amount in FIG, at most nine decimals.") var amount: Amount
    @OptionGroup var signing: SigningOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let report = try await TransactionSender(node: node, signing: signing).send(
            .transfer(to: recipient, amount: amount))
        try output.show(report) { "sent \(amount) to \(recipient) in block \($0.height ?? 0)\ntransaction \($0.id)" }
    }
}
