package import Keys
import Wire

extension Execution {
    /// Steps of disputes that one block may make a node take: one takes a millisecond or two, and 50 at most.
    static let disputeLimit = 16

    /// Begins a dispute about an answer. Like an accusation it may be about one that the provider has not recorded; its stake is locked then.
    mutating func open(_ opening: DisputeOpening, by sender: AccountID) throws(Failure) {
        try countDisputeStep()
        let opened = try referee(opening.opening)
        let (answer, id) = (opened.answer, opened.answer.id)
        if let known = openAnswer(id), let conviction = known.conviction {
            return try answerCommittee(opening, opened, conviction, of: known, by: sender)
        }
        guard !opened.isUnnamed else { throw .undisputable("it does not say what is wrong with the answer") }
        guard sender == answer.client || openAnswer(id)?.appeal != nil, sender != id.provider, sender != opening.member
        else {
            throw .notTheClient
        }
        let open = try disputable(opened, by: sender, with: opening.member)
        let needed = parameters.answers.bond(of: max(answer.payment, open.answer.payment))
        guard opening.bond >= needed else { throw .bond(opening.bond, needed: needed) }
        try examine(answer.signed)
        try debit(sender, opening.bond)
        write(.answer(id), AnswerState.open(open))
        let defender = opening.member ?? id.provider
        events.append(.disputeOpened(open.answer, by: sender, with: defender, bond: opening.bond))
        let record = DisputeRecord(
            challenger: sender, defender: defender, bond: opening.bond, turn: .defender, deadline: 0, moves: 0)
        try begin(record, about: open, at: opened.position)
    }

    /// Waits for the first move, or ends what needs none.
    mutating func begin(
        _ record: DisputeRecord, about open: OpenAnswer, at position: DisputePosition
    ) throws(Failure) {
        guard case .awaits(let party, let deadline, let state) = position else {
            return settle(open, record, position)
        }
        try list(open.answer.id)
        wait(for: party, until: deadline, state, record, open.answer.id)
    }

    private func referee(_ opening: [UInt8]) throws(Failure) -> OpenedDispute {
        do throws(DisputeRefusal) {
            return try referee.open(opening, budget: UInt64(parameters.answers.disputeBudget), at: context.height)
        } catch { throw .undisputable(error.reason) }
    }

    /// The answer as it is on the ledger, or as it will be: one that was not recorded is covered from now on. A client can appeal against a committee
    /// whatever its request asked for.
    private mutating func disputable(
        _ opened: OpenedDispute, by sender: AccountID, with member: AccountID?
    ) throws(Failure) -> OpenAnswer {
        let (answer, id) = (opened.answer, opened.answer.id)
        switch read(.answer(id), as: AnswerState.self) {
        case .open(var known):
            guard known.audit == nil else { throw .underAudit(id.job) }
            guard !isDisputed(id) else { throw .inDispute(id.job) }
            guard known.answer.signed.receipt == answer.signed.receipt else { throw .otherReceipt(id.job) }
            if let member, known.appeal?.upholders.contains(member) != true { throw .notAnUpholder }
            if member == nil, known.appeal?.isFaulty == true { throw .closedAnswer(.faulty) }
            // A dispute shows the prompt to everybody: what its client did not ask for, only the client does.
            guard opened.isOffered || known.appeal != nil && sender == answer.client else { throw Self.notOffered }
            if known.appeal != nil { try known.admit(sender, client: answer.client) }
            known.answer.payment = max(known.answer.payment, answer.payment)
            return known
        case .closed(let outcome): throw .closedAnswer(outcome)
        case nil: break
        }
        guard member == nil else { throw .notAnUpholder }
        guard opened.isOffered else { throw Self.notOffered }
        let provider = account(id.provider)
        let minimum = parameters.answers.providerStake
        guard provider.stake >= minimum else { throw .stake(provider.stake, needed: minimum) }
        let risk = min(parameters.answers.risk(of: answer.payment), provider.free)
        update(id.provider) { $0.locked += risk }
        return OpenAnswer(answer: answer, isRecorded: false, end: 0, risk: risk, audit: nil)
    }

    static var notOffered: Failure {
        .undisputable(
            "the request did not ask for an answer that can be disputed, and it is not the client that appeals against a committee"
        )
    }

    /// Takes a move of the side that is to move.
    mutating func take(_ turn: DisputeTurn, by sender: AccountID) throws(Failure) {
        let id = turn.answer
        guard let record: DisputeRecord = read(.dispute(id)), let open = openAnswer(id) else {
            throw .notInDispute(id.job)
        }
        guard sender == record.mover, turn.number == record.moves else { throw .outOfTurn(record.moves) }
        // The end of the block ends the dispute.
        guard context.height <= record.deadline else { throw .lateMove(deadline: record.deadline) }
        try countDisputeStep()
        let state = read(.disputeState(id), as: DisputeState.self)?.bytes ?? []
        var next = record
        next.moves += 1
        switch referee.step(state, turn.move, by: record.turn, at: context.height) {
        case .awaits(let party, let deadline, let state): wait(for: party, until: deadline, state, next, id)
        case let end: settle(open, next, end)
        }
    }

    mutating func countDisputeStep() throws(Failure) {
        guard disputeSteps < Self.disputeLimit else { throw .tooManyDisputeSteps }
        disputeSteps += 1
    }
}

extension DisputeRecord {
    /// The account that is to move.
    package var mover: AccountID { turn == .defender ? defender : challenger }
}

extension OpenAnswer {
    /// Whether the sender may appeal. The request says who its client is, whatever the provider has recorded.
    fileprivate mutating func admit(_ sender: AccountID, client: AccountID) throws(Failure) {
        if client != answer.client {
            appeal?.appellants.removeAll { $0.account == answer.client }
            appeal?.appellants.insert(AnswerAppeal.Appellant(account: client, loss: .zero), at: 0)
            answer.client = client
        }
        guard appeal?.appellants.contains(where: { $0.account == sender }) == true else { throw .noAppellant }
    }
}
