import Keys
import Ledger
import Testing
import Wire

/// A member that was slashed for its finding and was right: what it has back, by whichever way that comes out.
@Suite struct ForgivenessTests {
    private static let slash = Amount(fig: 10)!
    private static let right = AuditFinding.correct(TestLedger.recomputation)
    private static let made = AuditFinding.correct(TestLedger.otherValue)
    private static let lie = AuditFinding.faulty(AnswerFault(code: 4, step: 2), TestLedger.otherValue)
    private let one = Reputation.one
    private let fee = Int64(Parameters().minimumFee.seeds)

    /// Member 2, with three quarters of the weight, says something else of job 0 than member 3, which has computed it and is slashed; about job 1 both are
    /// right, and its wages take all that the pool has.
    private func outvoted(by word: AuditFinding) throws -> TestLedger {
        var ledger = try TestLedger.answering(auditors: 2..<4) {
            $0.disputeBudget = 7
            $0.committee = 2
            $0.commitWindow = 40
            $0.appealWindow = 40
            $0.convictionWindow = 40
            $0.falsehoodSlash = Self.slash
        }
        #expect(try ledger.attempt(.stake(Amount(fig: 4_000)!), by: 2) == nil)
        #expect(try ledger.attempt(.recordAnswers([ledger.answer(), ledger.answer(job: 1)]), by: 1) == nil)
        try ledger.block()
        let members = ledger.committee()
        #expect(members.sorted() == [2, 3])
        try ledger.audit(appeals: true) { members[$0] == 2 ? word : Self.right }
        #expect(ledger.slashes.last { $0.account == 3 }?.amount == Self.slash && ledger.state.auditPool == Self.slash)
        let dear = AuditFinding.Recomputation(value: Digest(sha256: [1]), price: Amount(fig: 20)!)
        try ledger.audit(job: 1) { _ in .correct(dear) }
        #expect(ledger.state.auditPool == .zero)
        #expect(ledger.account(3).reputation.failures == 6 * one && ledger.account(3).reputation.successes == one)
        return ledger
    }

    private func lose(_ ledger: inout TestLedger, by loser: Int) throws {
        #expect(try ledger.attempt(ledger.move(.nonsense, number: 0), by: loser) == nil)
    }

    @Test("who was right is pardoned, and is as if all had agreed with it, also when nobody can pay it back")
    func certain() throws {
        // The others' value was made up: all have lost a dispute before the state is shown, so that nothing is left to take from them.
        var ledger = try outvoted(by: Self.made)
        #expect(try ledger.attempt(ledger.opening(member: 2), by: 6) == nil)
        try lose(&ledger, by: 2)
        var before = ledger.account(3)
        let state = TestLedger.recomputation.value.canonicalBytes
        let shown = ShownWitness(answer: ledger.answer().id, state: state)
        #expect(try ledger.attempt(.showWitness(shown), by: 3) == nil)
        #expect(ledger.account(3).reputation.failures == 0 && ledger.account(3).reputation.successes == 2 * one)
        #expect(Int64(ledger.account(3).balance.seeds) - Int64(before.balance.seeds) == -fee)

        // The others have found a fault that is none: of what they lose half is the provider's.
        ledger = try outvoted(by: Self.lie)
        before = ledger.account(3)
        #expect(try ledger.attempt(ledger.opening(member: 2, isUnnamed: true), by: 1) == nil)
        try lose(&ledger, by: 2)
        #expect(ledger.outcome() == .upheld)
        #expect(ledger.account(3).reputation.failures == 0 && ledger.account(3).reputation.successes == 2 * one)
        #expect(ledger.account(3).balance.seeds - before.balance.seeds == Self.slash.seeds / 2)
    }

    @Test(
        "after one dispute, which may have been lost on purpose, the reputation comes back with the last seed of the slash"
    )
    func uncertain() throws {
        var ledger = try TestLedger.answering(auditors: 2..<6) {
            $0.disputeBudget = 7
            $0.committee = 4
            $0.falsehoodSlash = Self.slash
        }
        #expect(try ledger.attempt(.recordAnswers([ledger.answer()]), by: 1) == nil)
        try ledger.block()
        let members = ledger.committee()
        try ledger.audit { $0 == 3 ? Self.lie : Self.right }
        for (number, loser) in members[..<2].enumerated() {
            #expect(ledger.account(members[3]).reputation.failures == 6 * one)
            let before = ledger.account(members[3]).balance
            #expect(try ledger.attempt(ledger.opening(member: loser), by: 6) == nil)
            try lose(&ledger, by: loser)
            #expect(ledger.account(members[3]).balance.seeds - before.seeds == Self.slash.seeds / 2)
            #expect(ledger.open()?.appeal?.appellants.last?.loss.seeds == (number == 0 ? Self.slash.seeds / 2 : 0))
        }
        #expect(ledger.account(members[3]).reputation.failures == 0)
        #expect(ledger.account(members[3]).reputation.successes == 0, "nobody has paid its wages")
    }
}
