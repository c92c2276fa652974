import Keys
import Wire

extension Execution {
    /// Receipts of answers that one block may make a node verify: 512 signatures take 30 ms.
    static let answerLimit = 512

    /// Puts answers on the ledger, all or none, and locks the stake that covers them.
    mutating func record(_ answers: [AnswerRecord], from sender: AccountID) throws(Failure) {
        guard !answers.isEmpty else { throw .noAnswers }
        let provider = account(sender)
        guard !provider.isBanned else { throw .banned }
        let minimum = parameters.answers.providerStake
        guard provider.stake >= minimum else { throw .stake(provider.stake, needed: minimum) }
        var fresh = read(.drawing(height: context.height), as: AnswerList.self) ?? AnswerList()
        var locked = Amount.zero
        let end = context.height + UInt64(parameters.answers.window)
        var ending = read(.endingAnswers(height: end), as: AnswerList.self) ?? AnswerList()
        for answer in answers {
            let id = answer.id
            guard answer.signed.receipt.worker == sender else { throw .receiptMismatch("worker") }
            guard read(.answer(id), as: AnswerState.self) == nil else { throw .repeatedAnswer(id.job) }
            try examine(answer.signed)
            let risk = parameters.answers.risk(of: answer.payment)
            guard let sum = locked.adding(risk), sum <= provider.free else {
                throw .uncovered(provider.free, needed: locked.adding(risk) ?? risk)
            }
            locked = sum
            write(
                .answer(id),
                AnswerState.open(OpenAnswer(answer: answer, isRecorded: true, end: end, risk: risk, audit: nil)))
            fresh.insert(id)
            ending.insert(id)
            events.append(.answerRecorded(answer, end: end))
        }
        update(sender) { $0.locked += locked }
        write(.drawing(height: context.height), fresh)
        write(.endingAnswers(height: end), ending)
    }

    /// Opens an audit with the next block. The answer may be unknown so far: its receipt speaks against the provider all the same.
    mutating func accuse(_ accusation: Accusation, by sender: AccountID) throws(Failure) {
        let (answer, id) = (accusation.answer, accusation.answer.id)
        var open = OpenAnswer(answer: answer, isRecorded: false, end: 0, risk: .zero, audit: nil)
        switch read(.answer(id), as: AnswerState.self) {
        case .open(let known):
            guard known.audit == nil else { throw .underAudit(id.job) }
            guard known.appeal == nil else { throw .closedAnswer(.correct) }
            guard known.conviction == nil else { throw .closedAnswer(.faulty) }
            guard !isDisputed(id) else { throw .inDispute(id.job) }
            guard known.answer.signed.receipt == answer.signed.receipt else { throw .otherReceipt(id.job) }
            open = known
        case .closed(let outcome): throw .closedAnswer(outcome)
        case nil: break
        }
        let needed = parameters.answers.bond(of: max(answer.payment, open.answer.payment))
        guard accusation.bond >= needed else { throw .bond(accusation.bond, needed: needed) }
        try examine(answer.signed)
        try debit(sender, accusation.bond)
        open.audit = AnswerAudit(
            accuser: AnswerAudit.Accuser(account: sender, bond: accusation.bond, payment: answer.payment))
        write(.answer(id), AnswerState.open(open))
        var fresh = read(.drawing(height: context.height), as: AnswerList.self) ?? AnswerList()
        fresh.insert(id)
        write(.drawing(height: context.height), fresh)
        events.append(.answerAccused(open.answer, by: sender))
    }

    /// Punishes a provider that signed two receipts for one job, once. Half goes to the reporter, half to the treasury.
    mutating func report(_ equivocation: Equivocation, by sender: AccountID) throws(Failure) {
        let (first, second) = (equivocation.first, equivocation.second)
        guard first.contradicts(second) else { throw .noContradiction }
        let id = first.answer
        guard read(.equivocation(id), as: UInt64.self) == nil else { throw .punishedBefore }
        try examine(first)
        try examine(second)
        let account = account(id.provider)
        let atStake = account.stake + account.unbondingTotal
        var loss = atStake.times(UInt64(parameters.answers.equivocationSlash), over: 10_000)
        if case .open(let open) = read(.answer(id), as: AnswerState.self) {
            loss = max(loss, parameters.answers.risk(of: open.answer.payment))
        }
        write(.equivocation(id), context.height)
        let taken = slash(id.provider, loss, reason: .equivocation)
        let reward = Amount(seeds: taken.seeds / 2)
        credit(sender, reward)
        creditTreasury(taken - reward)
        let time = context.time
        update(id.provider) { $0.inference.fail(6, at: time) }
        events.append(.equivocated(id, reportedBy: sender))
    }

    /// Whether a receipt of an answer is the word of its provider; within what one block may cost.
    mutating func examine(_ signed: SignedReceipt) throws(Failure) {
        guard signed.receipt.round == 0 else { throw .receiptMismatch("round") }
        guard let certificate: NodeCertificate = read(.nodeKey(signed.receipt.worker, signed.key)) else {
            throw .answerKey(signed.key)
        }
        // A key that ended long ago may have leaked since: it convicts nobody for ever.
        let (last, overflows) = certificate.expires.addingReportingOverflow(parameters.answers.evidenceAge)
        guard overflows || context.time / 1000 < last else { throw .answerKey(signed.key) }
        guard examinedAnswers < Self.answerLimit else { throw .tooManyAnswers }
        examinedAnswers += 1
        guard signed.hasValidSignature else { throw .answerSignature(signed.receipt.job) }
    }
}
