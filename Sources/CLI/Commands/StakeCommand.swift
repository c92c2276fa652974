import API
import ArgumentParser
import Keys
import Ledger

struct StakeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stake",
        abstract: "Put FIG at stake, or take it back.",
        discussion: """
            Stake makes an account a trainer, a verifier, and above a minimum a validator. What is withdrawn comes free after
            the unbonding time and can be slashed until then.

            Examples:
              banyan stake 100
              banyan stake 50 --withdraw
            """)
    @Argument(help: "Amount in FIG.") var amount: Amount
    @Flag(help: "Withdraw instead.") var withdraw = false
    @OptionGroup var transaction: TransactionOptions

    func run() async throws {
        try await transaction.send(withdraw ? .unstake(amount) : .stake(amount)) {
            "\(withdraw ? "withdrawing" : "staked") \(amount) in block \($0.height ?? 0)"
        }
    }
}
