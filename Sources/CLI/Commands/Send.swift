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
    @OptionGroup var transaction: TransactionOptions

    func run() async throws {
        try await transaction.send(.transfer(to: recipient, amount: amount)) {
            "sent \(amount) to \(recipient) in block \($0.height ?? 0)\ntransaction \($0.id)"
        }
    }
}
