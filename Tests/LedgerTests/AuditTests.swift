import Keys
import Ledger
import Testing
import Wire

@Suite struct AuditTests {
    private let right = AuditFinding.correct(TestLedger.recomputation)
    private let fault = AuditFinding.faulty(AnswerFault(code: 4, step: 2), TestLedger.recomputation)
    /// With a chance of one: twice the price, and two seeds, or ten times the price.
    private let risk = Amount(fig: 10)!
    private let seat = Amount(seeds: 800_000_000)

    /// One recorded answer under audit by lot.
    private func drawn(_ change: (inout AnswerParameters) -> Void = { _ in }) throws -> TestLedger {
        var ledger = try TestLedger.answering(change)
        #expect(try ledger.attempt(.recordAnswers([ledger.answer()]), by: 1) == nil)
        #expect(ledger.open()?.audit == nil)
        try ledger.block()
        #expect(ledger.open()?.audit?.phase == .committing)
        return ledger
    }

    /// An accused answer under audit; account 2 accuses.
    private func accused(isRecorded: Bool, auditors: Range<Int> = 0..<6) throws -> TestLedger {
        var ledger = try TestLedger.answering(share: 1, auditors: auditors) { $0.slashMinimum = Amount(seeds: 1) }
        let answer = ledger.answer(payment: isRecorded ? Amount(seeds: 90_000_000) : TestLedger.price)
        if isRecorded { #expect(try ledger.attempt(.recordAnswers([answer]), by: 1) == nil) }
        let accusation = Accusation(answer: answer, bond: Amount(fig: 3)!)
        #expect(try ledger.attempt(.accuse(accusation), by: 2) == nil)
        #expect(ledger.state.supply.bonds == Amount(fig: 3)!)
        try ledger.block()
        return ledger
    }

    private func balances(_ ledger: TestLedger) -> [UInt64] { (0..<7).map { ledger.account($0).balance.seeds } }
    private func paid(_ ledger: TestLedger) -> [Int: Amount] {
        let payments = ledger.events.flatMap { event -> [LedgerEvent.Movement] in
            switch event {
            case .answerAudited(let audited): audited.payments
            case .convictionEnded(let ended): ended.payments
            default: []
            }
        }
        return Dictionary(uniqueKeysWithValues: payments.map { (ledger.index($0.account), $0.amount) })
    }

    @Test(
        "a committee has neither the provider, nor the client, nor the accuser; the lot says how many answers are audited"
    )
    func draw() throws {
        for job in 0..<20 as Range<UInt64> {
            var ledger = try TestLedger.answering()
            let answer = AnswerRecord(signed: ledger.receipt(job: job), client: ledger.id(3), payment: .zero)
            try ledger.block([
                (1, .recordAnswers([answer])), (4, .accuse(Accusation(answer: answer, bond: Amount(fig: 1)!))),
            ])
            try ledger.block()
            #expect(Set(ledger.committee(job)) == [0, 2, 5])
        }
        var ledger = try TestLedger.answering(share: 2_500)
        var audited = 0
        for batch in 0..<16 as Range<UInt64> {
            let answers = (0..<32).map { ledger.answer(job: batch * 32 + $0, payment: Amount(seeds: 1)) }
            try ledger.block([(1, .recordAnswers(answers))])
        }
        try ledger.block()
        for case .answerAuditOpened in ledger.events { audited += 1 }
        #expect((88...168).contains(audited))  // 512 × 25 % ± 4 standard deviations.
    }

    @Test(
        "correct by lot: the members are paid by the pool, the provider's reputation rises, its stake is free when nobody appeals"
    )
    func correctByLot() throws {
        var ledger = try drawn()
        let terms = ChannelTerms(
            payee: ledger.id(0), signer: ledger.nodes[6].publicKey, deposit: Amount(fig: 10)!, expiry: 1 << 20)
        try ledger.block([(6, .openChannel(terms))])
        let voucher = SignedVoucher.sign(
            Voucher(channel: ledger.channels[0], amount: Amount(fig: 10)!), with: ledger.nodes[6])
        try ledger.block([(0, .claimChannel(voucher))])
        #expect(ledger.state.auditPool == Amount(fig: 2)!)
        #expect(ledger.account(1).locked == risk)
        let members = ledger.committee()
        try ledger.audit { _ in right }
        // Three seats at 0.8 FIG are more than the pool holds: equal parts of what is there.
        #expect(paid(ledger) == Dictionary(uniqueKeysWithValues: members.map { ($0, Amount(seeds: 666_666_666)) }))
        #expect(ledger.state.auditPool == .zero)
        #expect(ledger.outcome() == .correct)
        #expect(ledger.account(1).locked == risk)
        #expect(ledger.account(1).inference.successes == 2 * Reputation.one)
        for member in members { #expect(ledger.account(member).reputation.successes == Reputation.one) }
        try ledger.skip(to: ledger.height + 40)  // Windows that are over change nothing.
        #expect(ledger.outcome() == .correct && ledger.open() == nil)
        #expect(ledger.account(1).locked == .zero)
    }

    @Test("wrong by lot: half of the slash is the client's, the members are paid from the other half")
    func wrongByLot() throws {
        for finding in [fault, .unavailable] {
            var ledger = try drawn()
            let (client, treasury) = (ledger.account(6).balance, ledger.state.supply.treasury.seeds)
            try ledger.audit { _ in finding }
            #expect(ledger.slashes.map(\.amount) == [risk])
            #expect(ledger.slashes.map(\.reason) == [.wrongAnswer])
            #expect(ledger.account(6).balance == client + Amount(fig: 5)!)
            #expect(paid(ledger).values.allSatisfy { $0 == seat })
            #expect(ledger.state.supply.treasury.seeds == treasury + 5_000_000_000 - 3 * seat.seeds)
            #expect(ledger.outcome() == (finding == .unavailable ? .unavailable : .faulty))
            #expect(ledger.account(1).inference.failures == 6 * Reputation.one)
        }
    }

    @Test("the price of the request is the measure of the slash, whatever the provider recorded")
    func price() throws {
        var ledger = try TestLedger.answering()
        try ledger.block([(1, .recordAnswers([ledger.answer(payment: Amount(seeds: 1))]))])
        #expect(ledger.account(1).locked == Amount(seeds: 100_000_000))
        try ledger.block()
        try ledger.audit { _ in fault }
        #expect(ledger.slashes.map(\.amount) == [risk])
        #expect(ledger.account(1).locked == .zero)
    }

    @Test(
        "a false accusation costs its bond: the committee is paid from it, the rest is the provider's",
        arguments: [true, false])
    func falseAccusation(isRecorded: Bool) throws {
        var ledger = try accused(isRecorded: isRecorded)
        let provider = ledger.account(1).balance
        let accuser = ledger.account(2).balance
        try ledger.audit { _ in right }
        #expect(ledger.account(1).balance.seeds == provider.seeds + 3_000_000_000 - 3 * seat.seeds)
        #expect(ledger.account(2).balance == accuser)
        #expect(paid(ledger).count == 3)
        #expect(ledger.outcome() == .correct)
        let again = Accusation(answer: ledger.answer(), bond: Amount(fig: 3)!)
        #expect(try ledger.attempt(.accuse(again), by: 2) == "the answer is closed: correct")
        #expect(try ledger.attempt(.recordAnswers([ledger.answer()]), by: 1) != nil)
    }

    @Test("a right accusation earns the bond back and half of the slash", arguments: [true, false])
    func rightAccusation(isRecorded: Bool) throws {
        var ledger = try accused(isRecorded: isRecorded)
        let accuser = ledger.account(2).balance
        let stake = ledger.account(1).stake
        try ledger.audit { _ in fault }
        // The chance of a lot is 1/10,000: one payment of 1 FIG risks more than all the stake.
        #expect(ledger.account(1).stake == .zero)
        #expect(ledger.account(2).balance.seeds == accuser.seeds + 3_000_000_000 + stake.seeds / 2)
        #expect(ledger.outcome() == .faulty)
    }

    @Test(
        "an accusation needs its bond, a receipt that the provider signed, and an answer that is open and not under audit"
    )
    func accusations() throws {
        var ledger = try TestLedger.answering(share: 1) { $0.slashMinimum = Amount(seeds: 1) }
        let answer = ledger.answer(payment: Amount(seeds: 1_000))
        func attempt(_ answer: AnswerRecord, _ bond: Amount, by: Int = 2) throws -> String? {
            try ledger.attempt(.accuse(Accusation(answer: answer, bond: bond)), by: by)
        }
        let one = Amount(fig: 1)!
        #expect(try attempt(answer, Amount(seeds: 999_999_999)) != nil)
        #expect(try attempt(ledger.answer(payment: TestLedger.price), one) == "the bond of 1 FIG is below 2.4 FIG")
        #expect(try attempt(answer, Amount(fig: 2_000_000)!) != nil)
        #expect(try attempt(ledger.answer(key: ledger.nodes[2]), one) != nil)
        let (good, other) = (answer.signed, ledger.receipt(output: 9))
        let forged = SignedReceipt(
            receipt: other.receipt, seedProof: good.seedProof, key: good.key, signature: good.signature)
        #expect(try attempt(AnswerRecord(signed: forged, client: ledger.id(6), payment: .zero), one) != nil)
        #expect(ledger.answers.isEmpty)
        #expect(try ledger.attempt(.recordAnswers([answer]), by: 1) == nil)
        #expect(try attempt(ledger.answer(output: 9), one)?.contains("report both") == true)
        #expect(try attempt(answer, one) == nil)
        #expect(try attempt(answer, one, by: 3)?.contains("under audit already") == true)
    }

    @Test("commitments and findings come in their time, once, from members, and fit each other")
    func messages() throws {
        var ledger = try drawn {
            $0.commitWindow = 10
            $0.revealWindow = 10
        }
        let members = ledger.committee()
        let stranger = (0..<6).first { !members.contains($0) }!
        func commit(_ member: Int) -> Operation { .auditCommit(ledger.commitment(right, by: member)) }
        func reveal(_ member: Int, _ finding: AuditFinding? = nil) -> Operation {
            .auditReveal(ledger.reveal(finding ?? right, by: member))
        }
        var elsewhere = ledger.commitment(right, by: members[0])
        elsewhere.answer.job = .zero
        #expect(try ledger.attempt(.auditCommit(elsewhere), by: members[0])?.contains("no answer") == true)
        #expect(try ledger.attempt(commit(stranger), by: stranger) == "the account is not in the committee")
        #expect(try ledger.attempt(reveal(members[0]), by: members[0]) == "the audit is committing")
        #expect(try ledger.attempt(commit(members[0]), by: members[0]) == nil)
        #expect(try ledger.attempt(commit(members[0]), by: members[0]) == "the member has committed already")
        // A copied commitment binds the copier to nothing it can open.
        #expect(try ledger.attempt(commit(members[0]), by: members[1]) == nil)
        try ledger.skip(to: ledger.open()?.audit?.commitEnd ?? 0)
        #expect(try ledger.attempt(commit(members[2]), by: members[2]) == "the audit is revealing")
        #expect(try ledger.attempt(reveal(members[2]), by: members[2]) == "the member has not committed in time")
        #expect(try ledger.attempt(reveal(members[0], fault), by: members[0])?.contains("not the one") == true)
        #expect(try ledger.attempt(reveal(members[0]), by: members[0]) == nil)
        #expect(try ledger.attempt(reveal(members[0]), by: members[0])?.contains("already") == true)
        #expect(try ledger.attempt(.auditReveal(ledger.reveal(right, by: members[0])), by: members[1]) != nil)
        try ledger.skip(to: ledger.height + 10)
        #expect(try ledger.attempt(reveal(members[1]), by: members[1]) != nil)
    }
}
