import Keys
import Wire

extension Execution {
    /// Puts the sender on the list that audits are drawn from, or takes it off; a seat it has already it keeps.
    mutating func volunteer(_ sender: AccountID, _ wanted: Bool) throws(Failure) {
        var auditors = read(.auditors, as: AccountList.self) ?? AccountList()
        if wanted {
            let account = account(sender)
            guard !account.isBanned else { throw .banned }
            guard hasValidNode(account) else { throw .unregisteredNode }
            let minimum = parameters.answers.providerStake
            guard account.stake >= minimum else { throw .stake(account.stake, needed: minimum) }
            auditors.insert(sender)
            guard auditors.elements.count <= AccountList.limit else { throw .tooManyAuditors }
        } else {
            auditors.remove(sender)
        }
        write(.auditors, auditors)
        events.append(.volunteered(sender, wanted))
    }

    mutating func commit(_ commitment: AuditCommitment, by sender: AccountID) throws(Failure) {
        var (open, audit) = try audit(commitment.answer)
        guard audit.phase == .committing else { throw .auditPhase(audit.phase) }
        let seat = try seat(of: sender, in: audit)
        guard audit.seats[seat].commitment == nil else { throw .repeatedCommitment }
        audit.seats[seat].commitment = commitment.digest
        if audit.seats.allSatisfy({ $0.commitment != nil }) { openFindings(&audit, commitment.answer) }
        open.audit = audit
        write(.answer(commitment.answer), AnswerState.open(open))
    }

    mutating func reveal(_ reveal: AuditReveal, by sender: AccountID) throws(Failure) {
        var (open, audit) = try audit(reveal.answer)
        guard audit.phase == .revealing else { throw .auditPhase(audit.phase) }
        let seat = try seat(of: sender, in: audit)
        guard let commitment = audit.seats[seat].commitment else { throw .noCommitment }
        guard audit.seats[seat].finding == nil else { throw .repeatedFinding }
        guard commitment == reveal.commitment(of: sender) else { throw .commitmentMismatch }
        audit.seats[seat].finding = reveal.finding
        open.audit = audit
        write(.answer(reveal.answer), AnswerState.open(open))
        if audit.seats.allSatisfy({ $0.commitment == nil || $0.finding != nil }) { finish(open, audit) }
    }

    func audit(_ id: AnswerID) throws(Failure) -> (OpenAnswer, AnswerAudit) {
        switch read(.answer(id), as: AnswerState.self) {
        case .open(let open):
            guard let audit = open.audit else { throw .notUnderAudit(id.job) }
            return (open, audit)
        case .closed(let outcome): throw .closedAnswer(outcome)
        case nil: throw .unknownAnswer(id.job)
        }
    }

    private func seat(of sender: AccountID, in audit: AnswerAudit) throws(Failure) -> Int {
        guard let seat = audit.seats.firstIndex(where: { $0.account == sender }) else { throw .notAMember }
        return seat
    }
}
