import Keys
import Wire

extension Execution {
    /// A member shows that its value is that of the answer's states. The others, who have found the answer right with another value, have not computed it:
    /// each is slashed as a liar, and those that have are paid back, and paid. Now they stand for the answer.
    mutating func show(_ shown: ShownWitness, by sender: AccountID) throws(Failure) {
        let id = shown.answer
        guard var open = openAnswer(id), var appeal = open.appeal,
            let own = appeal.loners.first(where: { $0.account == sender })
        else { throw .notOutvoted }
        guard !isDisputed(id) else { throw .inDispute(id.job) }
        try countDisputeStep()
        let value: Digest
        do throws(DisputeRefusal) {
            value = try referee.witness(shown.state, seed: appeal.seed, receipt: open.answer.signed.receipt)
        } catch { throw .undisputable(error.reason) }
        guard value == own.value else { throw .otherWitness }
        let time = context.time
        var fund: UInt64 = 0
        for liar in appeal.upholders {
            update(liar) { $0.reputation.fail(6, at: time) }
            fund += slash(liar, parameters.answers.falsehoodSlash, reason: .falseAuditor).seeds
        }
        let right = appeal.loners.filter { $0.value == value }
        let payments = restore(right, price: open.answer.payment, from: Amount(seeds: fund))
        appeal.loners.removeAll { $0.value == value }
        appeal.upholders = right.map(\.account)
        appeal.isShaken = true
        open.appeal = appeal
        beginWindow(of: open)
        events.append(
            .witnessShown(LedgerEvent.WitnessShown(answer: id, by: sender, payments: payments)))
    }

    /// Pays members back what they were slashed, and their wages as far as the fund goes; what is left is the audit pool's, as every liar's slash. Where
    /// the fund does not cover what they were slashed, the pool does, which has got it.
    private mutating func restore(
        _ members: [AnswerAppeal.Loner], price: Amount, from fund: Amount
    ) -> [LedgerEvent.Movement] {
        let time = context.time
        let owed = members.reduce(0) { $0 + $1.loss.seeds }
        let back = min(owed, fund.seeds)
        let wages = min(parameters.answers.wages(of: members.count, for: price), Amount(seeds: fund.seeds - back))
        creditAuditPool(Amount(seeds: fund.seeds - back - wages.seeds))
        let wage = pay(members.map(\.account), wages).first?.amount ?? .zero
        var left = back + takeFromPool(Amount(seeds: owed - back)).seeds
        return members.map { member in
            let part = min(member.loss.seeds, left)
            left -= part
            credit(member.account, Amount(seeds: part))
            update(member.account) {
                $0.reputation.pardon(6, at: time)
                $0.reputation.succeed(at: time)
            }
            return LedgerEvent.Movement(account: member.account, amount: Amount(seeds: part + wage.seeds))
        }
    }
}
