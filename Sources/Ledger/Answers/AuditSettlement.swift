import Keys
import Wire

extension Execution {
    /// Ends an audit: the provider, the accuser and the members get what they deserve. Both that an answer is right and that it is wrong can be
    /// appealed against for a while; without an outcome it stays as open as it was while there is time.
    mutating func conclude(_ open: OpenAnswer, _ audit: AnswerAudit) {
        var open = open
        open.audit = nil
        let decision = AuditDecision(of: audit.seats)
        let workers = audit.seats.filter { decision.standing(of: $0) == .paid }.map(\.account)
        var payments: [LedgerEvent.Movement] = []
        var held = Amount.zero
        switch decision.finding {
        case .correct(let recomputation):
            payments = rewardCorrect(open, audit.accuser, price: recomputation.price, workers)
        case .faulty(_, let recomputation): held = punishWrong(open, price: open.measure(recomputation.price))
        case .unavailable:
            let price = open.measure(audit.accuser?.payment ?? .zero)
            payments = distribute(punishWrong(open, price: price), open, audit.accuser, price: price, workers)
        case .unable, nil: if let accuser = audit.accuser { credit(accuser.account, accuser.bond) }
        }
        let losses = audit.seats.map { judge($0, decision.standing(of: $0)) }
        let id = open.answer.id
        events.append(
            .answerAudited(
                LedgerEvent.AnswerAudited(answer: id, finding: decision.finding, payments: payments)))
        switch decision.finding {
        case .correct: openAppeal(open, against: workers, audit, losses: losses)
        case .faulty(let fault, let recomputation):
            let conviction = AnswerConviction(
                of: audit, fault, recomputation, losses: losses, held: held, price: open.measure(recomputation.price))
            convict(conviction, open)
        case .unavailable: close(open, .unavailable)
        case .unable, nil:
            if open.isRecorded, open.end > context.height {
                write(.answer(id), AnswerState.open(open))
            } else if open.isRecorded {
                close(open, .unaudited)
            } else {
                // Nothing was found out: it is as unknown as before.
                remove(.answer(id))
            }
        }
    }

    /// The accuser pays the committee, and what is left of the bond is the provider's. An audit by lot is paid by the pool.
    mutating func rewardCorrect(
        _ open: OpenAnswer, _ accuser: AnswerAudit.Accuser?, price: Amount, _ workers: [AccountID]
    ) -> [LedgerEvent.Movement] {
        let time = context.time
        let provider = open.answer.id.provider
        update(provider) { $0.inference.succeed(2, at: time) }
        let due = parameters.answers.wages(of: workers.count, for: price)
        guard let accuser else { return pay(workers, takeFromPool(due)) }
        let wages = min(due, accuser.bond)
        credit(provider, accuser.bond - wages)
        return pay(workers, wages)
    }

    /// - Returns: what was taken of the provider's stake.
    private mutating func punishWrong(_ open: OpenAnswer, price: Amount) -> Amount {
        let time = context.time
        let provider = open.answer.id.provider
        let taken = slash(provider, parameters.answers.risk(of: price), reason: .wrongAnswer)
        update(provider) { $0.inference.fail(6, at: time) }
        return taken
    }

    /// Half of a slash goes to the accuser, who also gets the bond back, or to the client; the committee is paid from the other half,
    /// and from the pool as far as that is too little; the rest is the treasury's.
    mutating func distribute(
        _ taken: Amount, _ open: OpenAnswer, _ accuser: AnswerAudit.Accuser?, price: Amount, _ workers: [AccountID]
    ) -> [LedgerEvent.Movement] {
        let half = Amount(seeds: taken.seeds / 2)
        credit(accuser?.account ?? open.answer.client, half)
        if let accuser { credit(accuser.account, accuser.bond) }
        let rest = taken - half
        let due = parameters.answers.wages(of: workers.count, for: price)
        let fromSlash = min(due, rest)
        creditTreasury(rest - fromSlash)
        let fromPool = takeFromPool(due - fromSlash)
        return pay(workers, fromSlash + fromPool)
    }

    mutating func takeFromPool(_ wanted: Amount) -> Amount {
        let (pool, taken) = (auditPool, min(wanted, auditPool))
        if taken > .zero { write(.auditPool, pool - taken) }
        return taken
    }

    /// Equal parts, rounded down; the rest goes to the treasury.
    mutating func pay(_ workers: [AccountID], _ amount: Amount) -> [LedgerEvent.Movement] {
        guard !workers.isEmpty else {
            creditTreasury(amount)
            return []
        }
        let part = Amount(seeds: amount.seeds / UInt64(workers.count))
        for worker in workers { credit(worker, part) }
        creditTreasury(amount - Amount(seeds: part.seeds * UInt64(workers.count)))
        return part > .zero ? workers.map { LedgerEvent.Movement(account: $0, amount: part) } : []
    }

    /// - Returns: what the member has lost.
    @discardableResult
    mutating func judge(_ seat: AnswerAudit.Seat, _ standing: AuditDecision.Standing) -> Amount {
        let time = context.time
        let loss: Amount
        switch standing {
        case .paid:
            update(seat.account) { $0.reputation.succeed(at: time) }
            return .zero
        case .neither: return .zero
        case .silent:
            update(seat.account) { $0.reputation.fail(1, at: time) }
            loss = slash(seat.account, parameters.answers.silenceSlash, reason: .silentAuditor)
        case .liar:
            update(seat.account) { $0.reputation.fail(6, at: time) }
            loss = slash(seat.account, parameters.answers.falsehoodSlash, reason: .falseAuditor)
        }
        creditAuditPool(loss)
        return loss
    }
}

extension OpenAnswer {
    /// By what a slash is measured: the price that the committee read in the signed request, or what the provider itself has recorded.
    fileprivate func measure(_ price: Amount) -> Amount { isRecorded ? max(price, answer.payment) : price }
}
