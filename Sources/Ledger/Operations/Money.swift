import Keys

extension Execution {
    mutating func transfer(from sender: AccountID, to recipient: AccountID, _ amount: Amount) throws(Failure) {
        guard amount > .zero else { throw .zeroAmount }
        try debit(sender, amount)
        credit(recipient, amount)
        events.append(.transferred(from: sender, to: recipient, amount: amount))
    }

    /// Takes from a balance what it has.
    mutating func debit(_ id: AccountID, _ amount: Amount) throws(Failure) {
        var account = account(id)
        guard let rest = account.balance.subtracting(amount) else {
            throw .balance(account.balance, needed: amount)
        }
        account.balance = rest
        write(.account(id), account)
    }
}
