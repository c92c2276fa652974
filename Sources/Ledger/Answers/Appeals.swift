import Keys
import Wire

extension Execution {
    /// The committee has found the answer right: each of those that said so can be taken at its word for a while.
    /// - Parameters:
    ///   - upholders: the members whose finding won.
    ///   - losses: what each seat was slashed.
    mutating func openAppeal(
        _ open: OpenAnswer, against upholders: [AccountID], _ audit: AnswerAudit, losses: [Amount]
    ) {
        var appellants = [AnswerAppeal.Appellant(account: open.answer.client, loss: .zero)]
        var loners: [AnswerAppeal.Loner] = []
        for (seat, loss) in zip(audit.seats, losses) {
            if case .faulty = seat.finding {
                appellants.append(AnswerAppeal.Appellant(account: seat.account, loss: loss))
            } else if case .correct(let own) = seat.finding, loss > .zero {
                loners.append(AnswerAppeal.Loner(account: seat.account, value: own.value, loss: loss))
            }
        }
        var open = open
        open.appeal = AnswerAppeal(
            upholders: upholders, appellants: appellants, loners: loners, seed: audit.seed, end: 0)
        let end = beginWindow(of: open)
        events.append(.answerConfirmed(open.answer.id, by: upholders, end: end))
    }

    /// After a dispute of an appeal: who has lost is out of it, and for the others the window begins again.
    mutating func conclude(
        _ appeal: AnswerAppeal, of open: OpenAnswer, _ record: DisputeRecord, lostBy loser: AccountID
    ) {
        var (open, appeal) = (open, appeal)
        if loser == open.answer.id.provider {
            // Not the end: a provider that throws a dispute would shield a whole committee that has more to lose.
            appeal.isFaulty = true
        } else if loser == record.defender {
            appeal.upholders.removeAll { $0 == loser }
            appeal.isShaken = true
        } else {
            appeal.appellants.removeAll { $0.account == loser }
        }
        // When all that doubted it were wrong, nobody is bothered again; who can show what the others have not computed has its time.
        if appeal.appellants.isEmpty && appeal.loners.isEmpty || appeal.isFaulty && appeal.upholders.isEmpty {
            close(open, appeal.outcome)
        } else {
            open.appeal = appeal
            beginWindow(of: open)
        }
    }
}
