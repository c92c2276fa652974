import Keys
import Wire

extension Execution {
    /// Writes the first state.
    mutating func mint(_ genesis: Genesis) throws(GenesisError) {
        write(.parameters, genesis.parameters)
        var stakers = AccountList()
        var supply = Supply.nothing
        for (index, holder) in genesis.holders.enumerated() {
            if index > 0, genesis.holders[index - 1].account == holder.account {
                throw .repeatedAccount(holder.account)
            }
            if let node = holder.node {
                guard node.account == holder.account, node.isValid(at: genesis.time / 1000) else {
                    throw .certificate(holder.account)
                }
            }
            guard let balances = supply.balances.adding(holder.balance),
                let staked = supply.staked.adding(holder.stake),
                let minted = balances.adding(staked)
            else { throw .supplyTooLarge }
            (supply.balances, supply.staked, supply.minted) = (balances, staked, minted)
            if let node = holder.node { write(.nodeKey(holder.account, node.node), node) }
            if holder.stake > .zero { stakers.insert(holder.account) }
            write(.account(holder.account), Account(balance: holder.balance, stake: holder.stake, node: holder.node))
        }
        write(.stakers, stakers)
        write(.totals, supply)
    }
}
