import Keys
import Wire

extension Execution {
    /// The client has planted the fault that the committee has found: the provider is spared, the client pays the committee, and an accuser who
    /// could not know has its bond back. Members whose recomputation is another one pay as they would have anyway.
    mutating func plead(_ plant: PlantedFault, by sender: AccountID) throws(Failure) {
        var (open, audit) = try audit(plant.answer)
        guard audit.phase == .pleading else { throw .auditPhase(audit.phase) }
        let request: AnswerRequest
        do throws(DisputeRefusal) { request = try referee.request(plant.request) } catch {
            throw .undisputable(error.reason)
        }
        guard request.answer == plant.answer else { throw .unplanted }
        guard request.client == sender else { throw .notTheClient }
        guard request.nonce == PlantedFault.nonce(of: sender, salt: plant.salt) else { throw .unplanted }
        let decision = AuditDecision(of: audit.seats)
        let workers = audit.seats.filter { decision.standing(of: $0) == .paid }.map(\.account)
        let price = max(
            decision.finding?.recomputation?.price ?? audit.accuser?.payment ?? .zero, open.answer.payment)
        let wages = parameters.answers.wages(of: workers.count, for: price)
        try debit(sender, wages)
        if let accuser = audit.accuser { credit(accuser.account, accuser.bond) }
        let payments = pay(workers, wages)
        for seat in audit.seats { judge(seat, decision.standing(of: seat)) }
        open.audit = nil
        events.append(
            .answerAudited(
                LedgerEvent.AnswerAudited(
                    answer: plant.answer, finding: decision.finding, payments: payments, isPlanted: true)))
        close(open, .planted)
    }
}
