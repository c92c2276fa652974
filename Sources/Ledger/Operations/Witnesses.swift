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
        var fund = Amount.zero
        for liar in appeal.upholders {
            update(liar) { $0.reputation.fail(6, at: time) }
            fund += slash(liar, parameters.answers.falsehoodSlash, reason: .falseAuditor)
        }
        let right = appeal.loners.filter { $0.value == value }
        let payments = compensate(right, price: open.answer.payment, from: fund)
        appeal.loners.removeAll { $0.value == value }
        appeal.upholders = right.map(\.account)
        appeal.isShaken = true
        open.appeal = appeal
        beginWindow(of: open)
        events.append(
            .witnessShown(LedgerEvent.WitnessShown(answer: id, by: sender, payments: payments)))
    }

    /// Pays members back what they were slashed, then their wages, as far as the fund goes; what is left is the audit pool's, as every liar's slash. What is
    /// missing of what they were slashed, the pool pays.
    private mutating func compensate(
        _ members: [AnswerAppeal.Loner], price: Amount, from fund: Amount
    ) -> [LedgerEvent.Movement] {
        var owed = members.map { AnswerAppeal.Appellant(account: $0.account, loss: $0.loss) }
        let before = members.map { account($0.account).balance }
        let left = fund - repay(&owed, from: fund)
        let wages = min(parameters.answers.wages(of: members.count, for: price), left)
        creditAuditPool(left - wages)
        _ = pay(members.map(\.account), wages)
        vindicate(owed)
        return zip(members, before).map { member, before in
            LedgerEvent.Movement(account: member.account, amount: account(member.account).balance - before)
        }
    }
}
