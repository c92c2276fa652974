import Keys
import Wire

extension Execution {
    mutating func stake(_ sender: AccountID, _ amount: Amount) throws(Failure) {
        guard amount > .zero else { throw .zeroAmount }
        try debit(sender, amount)
        let minimum = parameters.memberStake
        try change(sender) { account throws(Failure) in
            guard !account.isBanned else { throw .banned }
            account.stake += amount
            guard account.stake >= minimum else { throw .stake(account.stake, needed: minimum) }
        }
        events.append(.staked(sender, amount))
    }

    /// Starts a withdrawal. Until it ends the amount can be slashed like stake.
    mutating func unstake(_ sender: AccountID, _ amount: Amount) throws(Failure) {
        guard amount > .zero else { throw .zeroAmount }
        let height = context.height + parameters.unbondingBlocks
        let minimum = parameters.memberStake
        try change(sender) { account throws(Failure) in
            guard let rest = account.stake.subtracting(amount) else { throw .stake(account.stake, needed: amount) }
            guard rest == .zero || rest >= minimum else { throw .stake(rest, needed: minimum) }
            guard rest >= account.locked else { throw .locked(account.locked, stake: rest) }
            guard account.unbonding.count < Account.unbondingLimit else { throw .tooManyWithdrawals }
            account.stake = rest
            account.unbonding.append(Account.Unbonding(height: height, amount: amount))
        }
        var maturing = read(.maturing(height: height), as: AccountList.self) ?? AccountList()
        maturing.insert(sender)
        write(.maturing(height: height), maturing)
        events.append(.unstaked(sender, amount))
    }

    /// Pays out the withdrawals that end at this height.
    mutating func releaseWithdrawals() {
        guard let maturing = read(.maturing(height: context.height), as: AccountList.self) else { return }
        for id in maturing.elements {
            var account = account(id)
            let free = account.unbonding.filter { $0.height <= context.height }
            account.unbonding.removeAll { $0.height <= context.height }
            account.balance = free.reduce(account.balance) { $0 + $1.amount }
            write(.account(id), account)
        }
        remove(.maturing(height: context.height))
    }

    /// Takes up to `amount` of what an account has at stake: the stake first, then the youngest withdrawals.
    /// - Returns: what was there to take.
    mutating func slash(_ id: AccountID, _ amount: Amount, reason: LedgerEvent.SlashReason) -> Amount {
        var taken = Amount.zero
        // Removing the account from the list of stakers cannot fail.
        try? change(id) { account throws(Failure) in
            taken = min(account.stake, amount)
            account.stake -= taken
            while taken < amount, var last = account.unbonding.popLast() {
                let part = min(last.amount, amount - taken)
                taken += part
                last.amount -= part
                if last.amount > .zero {
                    account.unbonding.append(last)
                    break
                }
            }
        }
        if taken > .zero { events.append(.slashed(id, taken, reason: reason)) }
        return taken
    }

    /// A double signature costs a share of everything at stake, and the account is banned. It is punished once.
    mutating func punish(_ offence: Offence) {
        var account = account(offence.account)
        guard !account.isBanned else { return }
        account.isBanned = true
        write(.account(offence.account), account)
        let atStake = account.stake + account.unbondingTotal
        let loss = atStake.times(UInt64(parameters.doubleSignSlash), over: 10_000)
        creditTreasury(slash(offence.account, loss, reason: .doubleSign))
    }
}
