import Keys
import Wire

extension Execution {
    /// Ends the disputes whose side to move is late.
    mutating func endDisputes() {
        for id in read(.disputeDeadlines(height: context.height), as: AnswerList.self)?.elements ?? [] {
            guard let record: DisputeRecord = read(.dispute(id)), let open = openAnswer(id) else { continue }
            settle(open, record, .ended(winner: record.turn.other, .late))
        }
    }

    /// Puts an answer on the list of those in dispute.
    mutating func list(_ id: AnswerID) throws(Failure) {
        var running = read(.disputes, as: AnswerList.self) ?? AnswerList()
        guard running.elements.count < AnswerList.limit else { throw .tooManyDisputes }
        running.insert(id)
        write(.disputes, running)
    }

    /// Waits for the next move.
    mutating func wait(
        for party: DisputeParty, until deadline: UInt64, _ state: [UInt8], _ record: DisputeRecord, _ id: AnswerID
    ) {
        unschedule(record, id)
        var next = record
        next.turn = party
        // Neither in the past, nor at a height that has no successor.
        next.deadline = min(max(deadline, context.height), UInt64.max - 1)
        write(.dispute(id), next)
        write(.disputeState(id), DisputeState(bytes: state))
        // At most all that run: no more than the list of them holds.
        var due = read(.disputeDeadlines(height: next.deadline + 1), as: AnswerList.self) ?? AnswerList()
        due.insert(id)
        write(.disputeDeadlines(height: next.deadline + 1), due)
        events.append(.disputeAwaits(id, party, moves: next.moves, deadline: next.deadline))
    }

    private mutating func unschedule(_ record: DisputeRecord, _ id: AnswerID) {
        let key = StateKey.disputeDeadlines(height: record.deadline + 1)
        guard var due = read(key, as: AnswerList.self) else { return }
        due.remove(id)
        if due.elements.isEmpty { remove(key) } else { write(key, due) }
    }

    /// Ends a dispute: the loser pays. With it ends all doubt about the answer, unless others may still appeal, or have to
    /// stand for it.
    mutating func settle(_ open: OpenAnswer, _ record: DisputeRecord, _ end: DisputePosition) {
        guard case .ended(let winner, let reason) = end else { preconditionFailure("the dispute goes on") }
        let id = open.answer.id
        forget(record, id)
        if let conviction = open.conviction { return settle(conviction, of: open, record, winner, reason) }
        let isWrong = winner == .challenger
        let loss = isWrong ? punish(record.defender, for: open.answer) : record.bond
        if isWrong { credit(record.challenger, record.bond) }
        let ended = LedgerEvent.DisputeEnded(
            answer: id, challenger: record.challenger, defender: record.defender,
            member: record.defender == id.provider ? nil : record.defender, winner: winner, reason: reason,
            moves: record.moves, loss: loss)
        credit(isWrong ? record.challenger : record.defender, ended.reward)
        var rest = loss - ended.reward
        var appeal = open.appeal
        if isWrong, var repaid = appeal {
            rest -= repay(&repaid.appellants, from: rest)
            appeal = repaid
        }
        creditTreasury(rest)
        events.append(.disputeEnded(ended))
        if let appeal {
            conclude(appeal, of: open, record, lostBy: isWrong ? record.defender : record.challenger)
        } else {
            close(open, isWrong ? .faulty : .upheld)
        }
    }

    private mutating func forget(_ record: DisputeRecord, _ id: AnswerID) {
        unschedule(record, id)
        remove(.dispute(id))
        remove(.disputeState(id))
        guard var running = read(.disputes, as: AnswerList.self) else { return }
        running.remove(id)
        if running.elements.isEmpty { remove(.disputes) } else { write(.disputes, running) }
    }

    /// Takes what a wrong answer costs its provider, or what a wrong word about an answer costs a member.
    mutating func punish(_ loser: AccountID, for answer: AnswerRecord) -> Amount {
        let time = context.time
        guard loser != answer.id.provider else {
            update(loser) { $0.inference.fail(6, at: time) }
            return slash(loser, parameters.answers.risk(of: answer.payment), reason: .wrongAnswer)
        }
        update(loser) { $0.reputation.fail(6, at: time) }
        return slash(loser, parameters.answers.falsehood(of: answer.payment), reason: .falseAuditor)
    }
}
