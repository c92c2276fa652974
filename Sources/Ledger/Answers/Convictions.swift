import Keys
import Wire

extension Execution {
    /// The committee has found the answer wrong: the provider can answer each of those that said so for a while. The stake that covered the
    /// answer is free, since what a wrong one costs was taken.
    mutating func convict(_ conviction: AnswerConviction, _ open: OpenAnswer) {
        unlock(open)
        var open = open
        open.risk = .zero
        open.conviction = conviction
        let end = beginWindow(of: open)
        events.append(.answerConvicted(open.answer.id, by: conviction.members.map(\.account), end: end))
    }

    /// Begins a dispute of a convicted provider with a member that has found a fault. It defends its answer as against a client; the member says
    /// with its first move what is wrong.
    mutating func answerCommittee(
        _ opening: DisputeOpening, _ opened: OpenedDispute, _ conviction: AnswerConviction, of open: OpenAnswer,
        by sender: AccountID
    ) throws(Failure) {
        let id = open.answer.id
        guard sender == id.provider else { throw .closedAnswer(.faulty) }
        guard !isDisputed(id) else { throw .inDispute(id.job) }
        // To the last byte: the proof of the seed is not part of the receipt, and the members have judged the one that is here.
        guard opened.answer.signed == open.answer.signed else { throw .otherReceipt(id.job) }
        // The prompt is the client's: a member may not show it to everybody, and neither may a provider.
        guard opened.isOffered else { throw Self.notOffered }
        guard let member = conviction.members.first(where: { $0.account == opening.member }) else {
            throw .notAnAccuser
        }
        let position = try position(of: opened, about: member.fault)
        var open = open
        open.answer.payment = max(open.answer.payment, opened.answer.payment)
        let needed = parameters.answers.bond(of: open.answer.payment)
        guard opening.bond >= needed else { throw .bond(opening.bond, needed: needed) }
        try debit(sender, opening.bond)
        write(.answer(id), AnswerState.open(open))
        events.append(.disputeOpened(open.answer, by: sender, with: member.account, bond: opening.bond))
        let record = DisputeRecord(
            challenger: member.account, defender: sender, bond: opening.bond, turn: .challenger, deadline: 0, moves: 0)
        try begin(record, about: open, at: position)
    }

    /// Where a dispute about a fault that a member has named begins. A member must not lose because a dispute has no words for what it has found.
    private func position(of opened: OpenedDispute, about fault: AnswerFault) throws(Failure) -> DisputePosition {
        guard case .awaits = opened.position else { return opened.position }
        switch referee.evidence(of: fault) {
        case .exchange: return .ended(winner: .defender, .evident)
        case .dispute:
            guard opened.isUnnamed else { throw .undisputable("it is for the member to say what is wrong") }
            return opened.position
        case .nothing:
            throw .undisputable("no dispute can show the fault that the member has found, or that it is not there")
        }
    }

    /// Ends a dispute of a convicted provider. A member that was wrong is struck, and the window begins again for the next one; when none is left, the
    /// conviction is undone. A provider that was wrong once stays convicted: one member that is right is enough.
    mutating func settle(
        _ conviction: AnswerConviction, of open: OpenAnswer, _ record: DisputeRecord, _ winner: DisputeParty,
        _ reason: DisputeReason
    ) {
        var (open, conviction) = (open, conviction)
        let (provider, member) = (record.defender, record.challenger)
        let isMemberWrong = winner == .defender
        let loss = isMemberWrong ? punish(member, for: open.answer) : record.bond
        if isMemberWrong { credit(provider, record.bond) }
        let ended = LedgerEvent.DisputeEnded(
            answer: open.answer.id, challenger: member, defender: provider, member: member, winner: winner,
            reason: reason, moves: record.moves, loss: loss)
        credit(isMemberWrong ? provider : member, ended.reward)
        var rest = loss - ended.reward
        if isMemberWrong {
            conviction.members.removeAll { $0.account == member }
            conviction.outvoted.removeAll { $0.account == member }
            rest -= repay(&conviction.outvoted, from: rest)
        }
        creditTreasury(rest)
        events.append(.disputeEnded(ended))
        if !isMemberWrong {
            uphold(conviction, of: open)
        } else if conviction.members.isEmpty {
            acquit(conviction, open)
        } else {
            open.conviction = conviction
            beginWindow(of: open)
        }
    }

    /// The conviction stands: what was held goes where it belongs.
    mutating func uphold(_ conviction: AnswerConviction, of open: OpenAnswer) {
        let workers = conviction.members.filter(\.isWinner).map(\.account)
        let payments = distribute(conviction.held, open, conviction.accuser, price: conviction.price, workers)
        events.append(
            .convictionEnded(
                LedgerEvent.ConvictionEnded(
                    answer: open.answer.id, isUpheld: true, held: conviction.held, payments: payments)))
        close(open, .faulty)
    }

    /// Everybody that had found the answer wrong was wrong: the accuser is a false one, the provider has its stake back, and those that have found it right
    /// were.
    private mutating func acquit(_ conviction: AnswerConviction, _ open: OpenAnswer) {
        let (provider, time) = (open.answer.id.provider, context.time)
        restore(conviction.held, to: provider)
        update(provider) { $0.inference.pardon(6, at: time) }
        vindicate(conviction.outvoted)
        let payments = rewardCorrect(
            open, conviction.accuser, price: open.answer.payment, conviction.outvoted.map(\.account))
        events.append(
            .convictionEnded(
                LedgerEvent.ConvictionEnded(
                    answer: open.answer.id, isUpheld: false, held: conviction.held, payments: payments)))
        close(open, .upheld)
    }

    /// Gives back what was slashed, as stake: paid to the balance, a slash that an accomplice undoes would be a withdrawal without the wait in which
    /// stake can be slashed for other things.
    private mutating func restore(_ amount: Amount, to id: AccountID) {
        guard amount > .zero else { return }
        let stakers = read(.stakers, as: AccountList.self)?.elements.count ?? 0
        guard account(id).stake > .zero || stakers < AccountList.limit else { return credit(id, amount) }
        // There is room for it on the list.
        try? change(id) { $0.stake += amount }
    }
}
