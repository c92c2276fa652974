import Keys
import Ledger
import Testing
import Wire

@Suite struct AuditOutcomeTests {
    private static let right = AuditFinding.correct(TestLedger.recomputation)
    private static let lazy = AuditFinding.correct(TestLedger.otherValue)
    private static let fault = AuditFinding.faulty(AnswerFault(code: 4, step: 2), TestLedger.recomputation)
    private static let otherFault = AuditFinding.faulty(AnswerFault(code: 5, step: 0), TestLedger.recomputation)
    private static let lie = AuditFinding.faulty(AnswerFault(code: 4, step: 2), TestLedger.otherValue)

    /// One recorded answer under audit; four members of equal weight: three of them are more than two thirds.
    private func drawn(accuser: Int? = nil) throws -> TestLedger {
        var ledger = try TestLedger.answering(auditors: 2..<6) { $0.committee = 4 }
        #expect(try ledger.attempt(.recordAnswers([ledger.answer()]), by: 1) == nil)
        try ledger.block()
        #expect(ledger.committee().count == 4)
        return ledger
    }

    /// What four members say, what comes out, and who loses stake for what.
    struct Case: Sendable {
        var findings: [AuditFinding?]
        var outcome: AnswerOutcome?
        var silent: [Int] = []
        var liars: [Int] = []
        var paid: [Int] = []
    }

    static let cases = [
        Case(findings: [right, right, right, right], outcome: .correct, paid: [0, 1, 2, 3]),
        Case(findings: [right, right, right, nil], outcome: .correct, silent: [3], paid: [0, 1, 2]),
        Case(findings: [right, right, right, lazy], outcome: .correct, liars: [3], paid: [0, 1, 2]),
        Case(findings: [right, lie, right, right], outcome: .correct, liars: [1], paid: [0, 2, 3]),
        // The right value and another opinion, or no answer: neither paid nor punished.
        Case(findings: [right, right, right, fault], outcome: .correct, paid: [0, 1, 2]),
        Case(findings: [right, .unavailable, right, right], outcome: .correct, paid: [0, 2, 3]),
        Case(findings: [fault, fault, fault, nil], outcome: .faulty, silent: [3], paid: [0, 1, 2]),
        Case(findings: [fault, fault, fault, right], outcome: .faulty, paid: [0, 1, 2]),
        Case(findings: [fault, fault, fault, lazy], outcome: .faulty, liars: [3], paid: [0, 1, 2]),
        Case(findings: [fault, fault, .unavailable, lie], outcome: .faulty, liars: [3], paid: [0, 1]),
        Case(findings: [fault, otherFault, fault, lazy], outcome: .faulty, liars: [3], paid: [0, 2]),
        Case(findings: [.unavailable, .unavailable, fault, lie], outcome: .unavailable, paid: [0, 1]),
        Case(findings: [.unavailable, .unavailable, .unavailable, right], outcome: .unavailable, paid: [0, 1, 2]),
        // Who cannot check speaks neither for the provider nor against it, and loses nothing.
        Case(findings: [right, right, right, .unable], outcome: .correct, paid: [0, 1, 2]),
        Case(findings: [fault, fault, .unavailable, .unable], outcome: .faulty, paid: [0, 1]),
        Case(findings: [fault, fault, .unable, .unable], outcome: nil),
        Case(findings: [.unavailable, .unavailable, .unable, .unable], outcome: nil),
        Case(findings: [.unable, .unable, .unable, .unable], outcome: nil),
        Case(findings: [right, right, lazy, .unable], outcome: nil),
        // Half is no quorum, and two thirds of four would be more than two.
        Case(findings: [right, right, fault, fault], outcome: nil),
        Case(findings: [right, right, lazy, lazy], outcome: nil),
        Case(findings: [right, right, nil, nil], outcome: nil, silent: [2, 3]),
        Case(findings: [fault, .unavailable, right, right], outcome: nil),
        Case(findings: [nil, nil, nil, right], outcome: nil, silent: [0, 1, 2]),
        Case(findings: [nil, nil, nil, nil], outcome: nil, silent: [0, 1, 2, 3]),
    ]

    @Test("the outcome follows from more than two thirds, and each member gets what it deserves", arguments: cases)
    func outcomes(_ example: Case) throws {
        var ledger = try drawn()
        let members = ledger.committee()
        let ends = try #require(ledger.open()?.audit)
        try ledger.audit { example.findings[$0] }
        if example.findings.allSatisfy({ $0 == nil }) { #expect(ledger.height == ends.commitEnd + 1) }
        let audited = ledger.events.compactMap { event -> LedgerEvent.AnswerAudited? in
            if case .answerAudited(let audited) = event { audited } else { nil }
        }
        #expect(audited.count == 1)
        #expect((audited.first?.finding == nil) == (example.outcome == nil))
        #expect(ledger.outcome() == example.outcome)
        func lost(_ reason: LedgerEvent.SlashReason) -> Set<Int> {
            Set(ledger.slashes.filter { $0.reason == reason }.map(\.account))
        }
        #expect(lost(.silentAuditor) == Set(example.silent.map { members[$0] }))
        #expect(lost(.falseAuditor) == Set(example.liars.map { members[$0] }))
        #expect(lost(.wrongAnswer) == (example.outcome == .faulty || example.outcome == .unavailable ? [1] : []))
        let successes = members.indices.filter { ledger.account(members[$0]).reputation.successes > 0 }
        #expect(successes == example.paid)
        // Undecided: it stays as open as it was, until its window ends.
        try ledger.skip(to: ledger.height + 40)
        #expect(ledger.outcome() == example.outcome ?? .unaudited)
        #expect(ledger.account(1).locked == .zero)
        #expect(ledger.state.supply.bonds == .zero)
    }

    @Test("a finding that is not revealed in time counts as silence, and the audit ends at its height by itself")
    func unrevealed() throws {
        var ledger = try drawn()
        let members = ledger.committee()
        let audit = try #require(ledger.open()?.audit)
        try ledger.block(members.map { ($0, .auditCommit(ledger.commitment(Self.right, by: $0))) })
        #expect(ledger.open()?.audit?.phase == .revealing)
        try ledger.block(members.dropLast().map { ($0, .auditReveal(ledger.reveal(Self.right, by: $0))) })
        try ledger.skip(to: audit.revealEnd - 1)
        #expect(ledger.open()?.audit != nil)
        try ledger.block()
        #expect(ledger.outcome() == .correct)
        #expect(ledger.slashes.map(\.account) == [members[3]])
        #expect(ledger.state.auditPool == Amount(seeds: 100_000_000))
    }

    @Test("undecided: the accuser has its bond back, and may accuse again")
    func undecidedAccusation() throws {
        for isRecorded in [true, false] {
            var ledger = try TestLedger.answering(share: 1, auditors: 2..<6) { $0.slashMinimum = Amount(seeds: 1) }
            let answer = ledger.answer(payment: Amount(seeds: 1_000))
            if isRecorded { try ledger.block([(1, .recordAnswers([answer]))]) }
            let balance = ledger.account(6).balance
            let accusation = Accusation(answer: answer, bond: Amount(fig: 1)!)
            #expect(try ledger.attempt(.accuse(accusation), by: 6) == nil)
            try ledger.block()
            try ledger.audit { _ in nil }
            let fee = ledger.state.parameters.minimumFee
            #expect(ledger.account(6).balance == balance.subtracting(fee))
            #expect((ledger.open() != nil) == isRecorded)
            #expect(try ledger.attempt(.accuse(accusation), by: 6) == nil)
        }
    }

    @Test("without anybody to draw, a lot means nothing and an accuser has its bond back with the next block")
    func nobody() throws {
        var ledger = try TestLedger.answering(auditors: 1..<2)
        try ledger.block([(1, .recordAnswers([ledger.answer()]))])
        try ledger.block()
        #expect(ledger.open()?.audit == nil)
        let before = ledger.account(3).balance
        let fee = ledger.state.parameters.minimumFee
        let accusation = Accusation(answer: ledger.answer(), bond: Amount(fig: 3)!)
        #expect(try ledger.attempt(.accuse(accusation), by: 3) == nil)
        try ledger.block()
        #expect(ledger.account(3).balance == before.subtracting(fee))
        #expect(ledger.open()?.audit == nil)
    }

    @Test("an audit that outlasts the window of its answer closes it at its own end")
    func outlasts() throws {
        var ledger = try TestLedger.answering(share: 1, auditors: 2..<6) { $0.slashMinimum = Amount(seeds: 1) }
        let answer = ledger.answer(payment: Amount(seeds: 1_000))
        try ledger.block([(1, .recordAnswers([answer]))])
        let end = try #require(ledger.open()).end
        try ledger.skip(to: end - 1)
        #expect(try ledger.attempt(.accuse(Accusation(answer: answer, bond: Amount(fig: 1)!)), by: 6) == nil)
        #expect(ledger.height == end)
        try ledger.block()
        #expect(ledger.open()?.audit?.phase == .committing)
        try ledger.audit { _ in nil }
        #expect(ledger.outcome() == .unaudited)
        #expect(ledger.account(1).locked == .zero)
    }

    @Test("a node that starts again finds the audits that run")
    func running() throws {
        var ledger = try drawn()
        #expect(ledger.state.audits(at: ledger.height).map(\.answer.id) == [ledger.answer().id])
        try ledger.audit { _ in Self.right }
        #expect(ledger.state.audits(at: ledger.height).isEmpty)
    }

    @Test("only an account with the stake and a node volunteers; one that goes is drawn no more")
    func volunteers() throws {
        var ledger = try TestLedger.answering(auditors: 0..<0)
        let byRoot = ledger.sign(.volunteer(true), by: 6, with: ledger.roots[6])
        #expect(try ledger.apply([byRoot]).results[0].code == Failure.unregisteredNode.code)
        try ledger.block([(2, .unstake(Amount(fig: 1_901)!)), (3, .volunteer(true))])
        #expect(try ledger.attempt(.volunteer(true), by: 2) == "the stake of 99 FIG is below 100 FIG")
        #expect(ledger.state.auditors == [ledger.id(3)])
        #expect(try ledger.attempt(.volunteer(false), by: 3) == nil)
        #expect(ledger.state.auditors.isEmpty)
    }
}
