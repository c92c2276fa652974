import Keys
import Ledger
import Testing
import Wire

@Suite struct PleaTests {
    private static let right = AuditFinding.correct(TestLedger.recomputation)
    private static let fault = AuditFinding.faulty(AnswerFault(code: 4, step: 2), TestLedger.recomputation)
    private static let lie = AuditFinding.faulty(AnswerFault(code: 4, step: 2), TestLedger.otherValue)
    private static let salt = Digest(sha256: [3])
    /// What a seat earns for an answer of 1 FIG.
    private let seat = Amount(seeds: 800_000_000)

    private func drawn(accuser: Int? = nil, committee: Int = 3) throws -> TestLedger {
        var ledger = try TestLedger.answering(
            share: accuser == nil ? 10_000 : 1, auditors: 2..<2 + committee)
        if accuser == nil {
            #expect(try ledger.attempt(.recordAnswers([ledger.answer()]), by: 1) == nil)
        } else if let accuser {
            let accusation = Accusation(answer: ledger.answer(), bond: Amount(fig: 3)!)
            #expect(try ledger.attempt(.accuse(accusation), by: accuser) == nil)
        }
        try ledger.block()
        return ledger
    }

    private func plea(
        _ ledger: TestLedger, client: Int = 6, job: UInt64 = 0, salt: Digest = salt, nonce: Digest? = nil
    ) -> Operation {
        let nonce = nonce ?? PlantedFault.nonce(of: ledger.id(client), salt: Self.salt)
        let request = ToyReferee.request(ledger.answer(job: job).id, client: ledger.id(client), nonce: nonce)
        return .plead(PlantedFault(answer: ledger.answer().id, request: request, salt: salt))
    }

    @Test("who has planted a fault pays the committee that finds it; the provider loses nothing", arguments: [nil, 5])
    func found(accuser: Int?) throws {
        var ledger = try drawn(accuser: accuser)
        let members = ledger.committee()
        try ledger.audit(pleads: true) { _ in Self.fault }
        #expect(ledger.open()?.audit?.phase == .pleading)
        let before = ledger
        #expect(try ledger.attempt(plea(ledger), by: 6) == nil)
        #expect(ledger.outcome() == .planted && ledger.slashes.isEmpty && ledger.account(1).locked == .zero)
        #expect(ledger.account(1).stake == before.account(1).stake)
        #expect(ledger.account(1).inference == before.account(1).inference)
        let wages = Amount(seeds: 3 * seat.seeds)
        let fee = ledger.state.parameters.minimumFee
        #expect(ledger.account(6).balance == before.account(6).balance.subtracting(wages)?.subtracting(fee))
        for member in members {
            #expect(ledger.account(member).balance == before.account(member).balance.adding(seat))
            #expect(ledger.account(member).reputation.successes > 0)
        }
        // Whoever accused it could not know.
        if let accuser {
            #expect(ledger.account(accuser).balance == before.account(accuser).balance + Amount(fig: 3)!)
        }
        #expect(ledger.state.supply.bonds == .zero)
        try ledger.skip(to: ledger.height + 20)
        #expect(ledger.outcome() == .planted && ledger.slashes.isEmpty)
    }

    @Test("without a plea in its blocks the provider is slashed at their end, and then it is too late")
    func late() throws {
        var ledger = try drawn()
        try ledger.audit(pleads: true) { _ in Self.fault }
        let end = try #require(ledger.open()?.audit?.pleaEnd)
        #expect(end == ledger.height + 2)
        try ledger.skip(to: end - 1)
        #expect(ledger.slashes.isEmpty)
        try ledger.block()
        #expect(ledger.outcome() == .faulty && ledger.slashes.map(\.reason) == [.wrongAnswer])
        #expect(try ledger.attempt(plea(ledger), by: 6) == "\(Failure.notUnderAudit(ledger.answer().id.job))")
    }

    @Test(
        "a plea is the client's, with the salt that its request has committed to, after the findings and against them")
    func refusals() throws {
        var ledger = try drawn()
        #expect(try ledger.attempt(plea(ledger), by: 6) == "\(Failure.auditPhase(.committing))")
        try ledger.audit(pleads: true) { _ in Self.fault }
        var other = ledger
        #expect(try other.attempt(plea(other), by: 5) == "\(Failure.notTheClient)")
        // A provider that has erred cannot find a salt for the nonce that its client has drawn.
        #expect(try other.attempt(plea(other, nonce: Digest(sha256: [9])), by: 6) == "\(Failure.unplanted)")
        other = ledger
        #expect(try other.attempt(plea(other, salt: Digest(sha256: [9])), by: 6) == "\(Failure.unplanted)")
        #expect(try other.attempt(plea(other, job: 1), by: 6) == "\(Failure.unplanted)")
        other = ledger
        let nonce = PlantedFault.nonce(of: other.id(5), salt: Self.salt)
        #expect(try other.attempt(plea(other, nonce: nonce), by: 6) == "\(Failure.unplanted)")
        other = ledger
        let nothing = Operation.plead(PlantedFault(answer: other.answer().id, request: [], salt: Self.salt))
        #expect(try other.attempt(nothing, by: 6) == "no request")
        // Found right: the client appeals instead.
        var confirmed = try drawn()
        try confirmed.audit { _ in Self.right }
        #expect(
            try confirmed.attempt(plea(confirmed), by: 6) == "\(Failure.notUnderAudit(confirmed.answer().id.job))")
    }

    @Test(
        "whatever three members say of a planted fault, those that computed it lose nothing, and neither does the provider that pleads"
    )
    func everything() throws {
        let words: [AuditFinding?] = [Self.fault, Self.right, Self.lie, .unavailable, nil]
        for first in words {
            for second in words {
                for third in words {
                    let said = [first, second, third]
                    var ledger = try drawn()
                    let (members, before) = (ledger.committee(), ledger)
                    try ledger.audit(pleads: true) { said[$0] }
                    let isFound = ledger.open()?.audit?.phase == .pleading
                    if isFound { #expect(try ledger.attempt(plea(ledger), by: 6) == nil) }
                    #expect((ledger.outcome() == .planted) == isFound)
                    #expect(ledger.account(1).stake == before.account(1).stake)
                    // Two that agree on another value are the majority.
                    guard said.count(where: { $0 == Self.lie }) < 2 else { continue }
                    for (seat, word) in said.enumerated() where word == Self.fault || word == .unavailable {
                        #expect(ledger.account(members[seat]).stake == before.account(members[seat]).stake, "\(said)")
                    }
                    try ledger.skip(to: ledger.height + 40)
                    #expect(ledger.open() == nil && ledger.account(1).locked == .zero)
                    #expect(ledger.state.supply.bonds == .zero)
                }
            }
        }
    }
}
