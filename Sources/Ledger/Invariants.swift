import Keys
import Wire

extension Execution {
    /// What the records that this block touched held before and hold now, by kind.
    ///
    /// Nothing else moved, so the whole ledger is conserved when these sums are: a block costs what it touches, not what exists.
    func supplyAfter(_ before: Supply) -> Supply {
        var after = before
        // Sums do not depend on the order of the dictionary.
        for (key, change) in changes {
            let old = state.tree[key.path].map { holdings(key, $0) } ?? .nothing
            let new = change.map { holdings(key, $0) } ?? .nothing
            after.balances = after.balances.moved(from: old.balances, to: new.balances)
            after.staked = after.staked.moved(from: old.staked, to: new.staked)
            after.unbonding = after.unbonding.moved(from: old.unbonding, to: new.unbonding)
            after.escrowed = after.escrowed.moved(from: old.escrowed, to: new.escrowed)
            after.treasury = after.treasury.moved(from: old.treasury, to: new.treasury)
            after.channels = after.channels.moved(from: old.channels, to: new.channels)
            after.bonds = after.bonds.moved(from: old.bonds, to: new.bonds)
            after.auditPool = after.auditPool.moved(from: old.auditPool, to: new.auditPool)
        }
        return after
    }

    private func holdings(_ key: StateKey, _ bytes: [UInt8]) -> Supply {
        var supply = Supply.nothing
        switch key {
        case .account:
            guard let account = try? Account(canonicalBytes: bytes) else { return supply }
            supply.balances = account.balance
            supply.staked = account.stake
            supply.unbonding = account.unbondingTotal
        case .job: supply.escrowed = (try? JobRecord(canonicalBytes: bytes))?.escrow ?? .zero
        case .treasury: supply.treasury = (try? Amount(canonicalBytes: bytes)) ?? .zero
        case .channel: supply.channels = (try? Channel(canonicalBytes: bytes))?.rest ?? .zero
        case .answer:
            guard case .open(let answer)? = try? AnswerState(canonicalBytes: bytes) else { return supply }
            let (audit, conviction) = (answer.audit?.accuser?.bond ?? .zero, answer.conviction?.total ?? .zero)
            supply.bonds = audit + conviction
        case .dispute: supply.bonds = (try? DisputeRecord(canonicalBytes: bytes))?.bond ?? .zero
        case .auditPool: supply.auditPool = (try? Amount(canonicalBytes: bytes)) ?? .zero
        case .nonce, .verdict, .history, .maturing, .stakers, .openJobs, .totals, .parameters, .endingChannels,
            .nodeKey,
            .auditors, .drawing, .endingAnswers, .auditDeadlines, .equivocation, .disputeState, .disputes,
            .disputeDeadlines, .answerDeadlines:
            break
        }
        return supply
    }
}

extension Amount {
    /// Wraps around within one block; the sum over all records is in range again.
    fileprivate func moved(from old: Amount, to new: Amount) -> Amount {
        Amount(seeds: seeds &- old.seeds &+ new.seeds)
    }
}
