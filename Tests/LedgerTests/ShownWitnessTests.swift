import Keys
import Ledger
import Testing
import Wire

/// A member that has found a right answer right, as the others have, with a value that is not theirs.
@Suite struct ShownWitnessTests {
    private static let made = AuditFinding.correct(TestLedger.otherValue)
    private static let right = AuditFinding.correct(TestLedger.recomputation)
    private let slash = Int64(Amount.seedsPerFIG)
    private let seat: Int64 = 800_000_000
    private let fee = Int64(Parameters().minimumFee.seeds)

    /// Of four members the first three have made a value up, so that the last one was slashed.
    private func outvoted(_ last: AuditFinding = right) throws -> (TestLedger, allies: [Int], loner: Int) {
        var ledger = try TestLedger.answering(auditors: 2..<6) {
            $0.disputeBudget = 7
            $0.committee = 4
        }
        #expect(try ledger.attempt(.recordAnswers([ledger.answer()]), by: 1) == nil)
        try ledger.block()
        let members = ledger.committee()
        try ledger.audit { $0 == 3 ? last : Self.made }
        #expect(ledger.slashes.map(\.account) == [members[3]])
        return (ledger, Array(members[..<3]), members[3])
    }

    private func showing(_ ledger: TestLedger, _ finding: AuditFinding.Recomputation = TestLedger.recomputation)
        -> Operation
    {
        .showWitness(ShownWitness(answer: ledger.answer().id, state: finding.value.canonicalBytes))
    }

    private func held(_ ledger: TestLedger, _ index: Int) -> Int64 {
        Int64(ledger.account(index).balance.seeds + ledger.account(index).stake.seeds)
    }

    @Test(
        "who shows the state that its value is made of is paid back, and paid; each of the others is slashed as a liar")
    func shown() throws {
        var (ledger, allies, loner) = try outvoted()
        let before = ledger
        #expect(try ledger.attempt(showing(ledger), by: loner) == nil)
        #expect(held(ledger, loner) - held(before, loner) == slash + seat - fee)
        #expect(ledger.account(loner).reputation.failures == 0 && ledger.account(loner).reputation.successes > 0)
        for ally in allies {
            #expect(held(ledger, ally) - held(before, ally) == -slash && ledger.account(ally).reputation.failures > 0)
        }
        // What the others were slashed, without what was paid of it.
        #expect(Int64(ledger.state.auditPool.seeds) - Int64(before.state.auditPool.seeds) == 2 * slash - seat)
        let appeal = try #require(ledger.open()?.appeal)
        #expect(appeal.upholders == [ledger.id(loner)] && appeal.loners.isEmpty && appeal.end == ledger.height + 12)
        #expect(ledger.account(1).stake == before.account(1).stake)
        #expect(try ledger.attempt(showing(ledger), by: loner) == "\(Failure.notOutvoted)")
        // Now it stands for the answer.
        #expect(try ledger.attempt(ledger.opening(member: loner), by: 6) == nil)
        #expect(try ledger.attempt(ledger.move(.win, number: 0), by: loner) == nil)
        #expect(ledger.outcome() == .upheld && ledger.account(1).locked == .zero)
    }

    @Test(
        "a state that gives another value, or is none, changes nothing; and only a member that was outvoted shows one")
    func refusals() throws {
        var (ledger, allies, loner) = try outvoted()
        #expect(try ledger.attempt(showing(ledger, TestLedger.otherValue), by: loner) == "\(Failure.otherWitness)")
        let nothing = Operation.showWitness(ShownWitness(answer: ledger.answer().id, state: [1]))
        #expect(try ledger.attempt(nothing, by: loner) == "no state")
        #expect(try ledger.attempt(showing(ledger), by: allies[0]) == "\(Failure.notOutvoted)")
        #expect(try ledger.attempt(ledger.opening(member: allies[0]), by: 6) == nil)
        #expect(try ledger.attempt(showing(ledger), by: loner) == "\(Failure.inDispute(ledger.answer().id.job))")
        #expect(ledger.slashes.count == 1 && ledger.open()?.appeal?.loners.count == 1)
        // Who says that the answer is wrong appeals instead.
        (ledger, _, loner) = try outvoted(.faulty(AnswerFault(code: 1, step: 0), TestLedger.recomputation))
        #expect(try ledger.attempt(showing(ledger), by: loner) == "\(Failure.notOutvoted)")
    }

    @Test(
        "a client that loses an appeal to an ally takes nobody the time to show it; allies that lose theirs leave the pool to pay"
    )
    func accomplices() throws {
        var (ledger, allies, loner) = try outvoted()
        #expect(try ledger.attempt(ledger.opening(member: allies[0]), by: 6) == nil)
        #expect(try ledger.attempt(ledger.move(.win, number: 0), by: allies[0]) == nil)
        #expect(ledger.open()?.appeal?.appellants.isEmpty == true)
        #expect(try ledger.attempt(showing(ledger), by: loner) == nil)
        #expect(ledger.slashes.count == 4)
        (ledger, allies, loner) = try outvoted()
        for ally in allies {
            #expect(try ledger.attempt(ledger.opening(member: ally), by: 6) == nil)
            #expect(try ledger.attempt(ledger.move(.nonsense, number: 0), by: ally) == nil)
        }
        let before = ledger
        #expect(try ledger.attempt(showing(ledger), by: loner) == nil)
        #expect(held(ledger, loner) - held(before, loner) == slash - fee && ledger.slashes.count == 4)
        try ledger.skip(to: ledger.height + 12)
        #expect(ledger.open() == nil && ledger.state.supply.bonds == .zero)
    }
}
