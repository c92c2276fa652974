import API
import Keys
import Ledger

extension NodeEvent.Movement {
    init(_ account: AccountID, _ amount: Amount) { self.init(account: "\(account)", amount: String(amount.seeds)) }
    init(_ movement: LedgerEvent.Movement) { self.init(movement.account, movement.amount) }
}
