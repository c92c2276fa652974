import Keys
import Ledger
import Testing
import Wire

@Suite struct AnswerTests {
    @Test(
        "the risk of an answer, halved, exceeds its payment divided by the chance of an audit",
        arguments: 0..<200 as Range<UInt64>)
    func risk(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var parameters = AnswerParameters()
        parameters.auditShare = 1 + UInt32(random.next(below: 10_000))
        parameters.slash = UInt32(random.next(below: 20))
        let payment = Amount(seeds: random.next() >> (14 + random.next(below: 50)))
        let risk = parameters.risk(of: payment)
        #expect(risk >= parameters.slashMinimum)
        #expect(risk >= payment.times(UInt64(parameters.slash), over: 1))
        let lost = UInt128(risk.seeds - risk.seeds / 2)
        #expect(lost * UInt128(parameters.auditShare) > UInt128(payment.seeds) * 10_000 || risk.seeds == .max)
    }

    @Test("recorded answers lock what they risk; it cannot be withdrawn, and is free again at the end of the window")
    func locking() throws {
        var ledger = try TestLedger.answering(share: 500)
        let risk = ledger.state.parameters.answers.risk(of: TestLedger.price)
        #expect(risk.seeds == 40_000_000_002)  // 2 × 1 FIG ÷ 5 %, and two seeds.
        var job: UInt64 = 0
        while ledger.open(job)?.audit != nil || job == 0 {  // One that the lot spares.
            job += 1
            #expect(try ledger.attempt(.recordAnswers([ledger.answer(job: job)]), by: 1) == nil)
            try ledger.block()
        }
        #expect(ledger.account(1).locked.seeds >= risk.seeds)
        let all = ledger.account(1).stake
        #expect(try ledger.attempt(.unstake(all), by: 1)?.contains("cover open answers") == true)
        #expect(try ledger.attempt(.unstake(Amount(seeds: ledger.account(1).free.seeds + 1)), by: 1) != nil)
        #expect(try ledger.attempt(.unstake(Amount(seeds: ledger.account(1).free.seeds)), by: 1) == nil)
        let end = try #require(ledger.open(job)).end
        try ledger.skip(to: end - 1)
        #expect(ledger.outcome(job) == nil)
        try ledger.block()
        #expect(ledger.outcome(job) == .unaudited)
        try ledger.skip(to: end + 20)
        #expect(ledger.account(1).locked == .zero)
    }

    @Test("answers that the free stake does not cover are refused together")
    func covering() throws {
        var ledger = try TestLedger.answering(share: 500)
        // 2,000 FIG cover 49 answers with a risk of 40 FIG and two seeds.
        let first = (0..<32 as Range<UInt64>).map { ledger.answer(job: $0) }
        let second = (32..<50 as Range<UInt64>).map { ledger.answer(job: $0) }
        #expect(try ledger.attempt(.recordAnswers(first), by: 1) == nil)
        #expect(try ledger.attempt(.recordAnswers(second), by: 1) != nil)
        #expect(ledger.answers.count == 32)
        #expect(try ledger.attempt(.recordAnswers(Array(second.dropLast())), by: 1) == nil)
        #expect(ledger.account(1).free < Amount(fig: 41)!)
        #expect(
            try ledger.attempt(.recordAnswers([ledger.answer(job: 60, payment: Amount(seeds: .max))]), by: 1) != nil)
    }

    @Test("an answer is recorded once, by its provider, with a receipt of a key that works for it")
    func refusals() throws {
        var ledger = try TestLedger.answering(share: 500)
        let good = ledger.answer()
        var changed = good
        changed.signed = SignedReceipt(
            receipt: ledger.receipt(output: 1).receipt, seedProof: good.signed.seedProof, key: good.signed.key,
            signature: good.signed.signature)
        let cases: [(Int, [AnswerRecord])] = [
            (1, []), (2, [good]), (1, [good, good]), (1, [changed]), (1, [good, changed]),
            (1, [ledger.answer(key: ledger.nodes[2])]), (1, [ledger.answer(key: ledger.roots[1])]),
            (1, [AnswerRecord(signed: ledger.receipt(round: 1), client: ledger.id(6), payment: .zero)]),
        ]
        for (by, answers) in cases { #expect(try ledger.attempt(.recordAnswers(answers), by: by) != nil) }
        #expect(ledger.answers.isEmpty)
        #expect(ledger.account(1).locked == .zero)
        #expect(try ledger.attempt(.recordAnswers([good]), by: 1) == nil)
        #expect(try ledger.attempt(.recordAnswers([good]), by: 1)?.contains("already") == true)
        #expect(try ledger.attempt(.recordAnswers([ledger.answer(output: 1)]), by: 1)?.contains("already") == true)
        try ledger.block([(5, .unstake(Amount(fig: 1_901)!))])
        #expect(
            try ledger.attempt(.recordAnswers([ledger.answer(by: 5)]), by: 5) == "the stake of 99 FIG is below 100 FIG")
    }

    @Test("a block makes a node verify 512 receipts at most; what is too many waits for the next")
    func blockLimit() throws {
        var ledger = try TestLedger.answering(share: 500) { $0.slashMinimum = Amount(seeds: 1) }
        func batch(_ number: UInt64) -> Operation {
            .recordAnswers((0..<32).map { ledger.answer(job: number * 32 + $0, payment: Amount(seeds: 1)) })
        }
        let outcome = try ledger.block((0..<17 as Range<UInt64>).map { (1, batch($0)) })
        #expect(outcome.results.count { $0.failure == nil } == 16)
        #expect(outcome.results[16].code == Failure.tooManyAnswers.code)
        #expect(try ledger.attempt(batch(16), by: 1) == nil)
        try ledger.skip(to: ledger.height + 60)
        #expect(ledger.account(1).locked == .zero)
    }

    @Test("old receipts speak against their key until 21 days after its certificate, and no longer")
    func evidenceAge() throws {
        var ledger = try TestLedger.answering()
        let old = ledger.answer()
        let fresh = TestLedger.key("fresh", 1)
        ledger.time += (NodeCertificate.longestLife - 10) * 1000
        let certificate = NodeCertificate.issue(
            by: ledger.roots[1], for: fresh.publicKey, issued: ledger.time / 1000)
        try ledger.block([(1, .registerNode(certificate))])
        ledger.time = TestLedger.start + (NodeCertificate.longestLife + 21 * 86_400 - 2) * 1000
        let accusation = Accusation(answer: old, bond: Amount(fig: 3)!)
        var late = ledger
        late.time += 1000
        #expect(try ledger.attempt(.accuse(accusation), by: 3) == nil)
        #expect(try late.attempt(.accuse(accusation), by: 3)?.contains("too long ago") == true)
    }

    @Test("two receipts for one job cost a tenth of the stake, half of it for the reporter, once")
    func equivocation() throws {
        var ledger = try TestLedger.answering()
        let (first, second) = (ledger.receipt(), ledger.receipt(output: 1))
        let wrong: [(SignedReceipt, SignedReceipt)] = [
            (first, first), (first, ledger.receipt(job: 1, output: 1)), (first, ledger.receipt(by: 2, output: 1)),
            (first, ledger.receipt(output: 1, key: ledger.nodes[2])), (first, ledger.receipt(output: 1, round: 1)),
            (
                first,
                SignedReceipt(
                    receipt: second.receipt, seedProof: second.seedProof, key: second.key, signature: first.signature)
            ),
        ]
        for (first, second) in wrong {
            let evidence = Equivocation(first: first, second: second)
            #expect(try ledger.attempt(.reportEquivocation(evidence), by: 3) != nil)
        }
        #expect(ledger.slashes.isEmpty)
        let before = ledger.account(3).balance
        let fee = ledger.state.parameters.minimumFee
        #expect(try ledger.attempt(.reportEquivocation(Equivocation(first: first, second: second)), by: 3) == nil)
        #expect(ledger.slashes.map(\.amount) == [Amount(fig: 200)!])
        #expect(ledger.slashes.map(\.reason) == [.equivocation])
        #expect(ledger.account(3).balance.seeds == before.seeds + 100_000_000_000 - fee.seeds)
        #expect(ledger.account(1).inference.failures == 6 * Reputation.one)
        let again = Equivocation(first: second, second: ledger.receipt(output: 2))
        #expect(
            try ledger.attempt(.reportEquivocation(again), by: 3) == "the provider was punished for this job before")
    }
}
