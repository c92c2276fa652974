import Keys
import Ledger
import Testing
import Wire

/// A committee that has found an answer wrong, and a provider that answers its members one by one.
@Suite struct ConvictionTests {
    private static let right = AuditFinding.correct(TestLedger.recomputation)
    private static let fault = AuditFinding.faulty(AnswerFault(code: 4, step: 2), TestLedger.recomputation)
    private static let lie = AuditFinding.faulty(AnswerFault(code: 4, step: 2), TestLedger.otherValue)
    private static let fee = Int64(Parameters().minimumFee.seeds)
    private let bond = TestLedger.bond
    /// Ten times what a seat earns for an answer of 1 FIG.
    private let falsehood = Amount(fig: 8)!
    /// Ten times its price.
    private let risk = Amount(fig: 10)!
    private let seat = Amount(seeds: 800_000_000)

    /// An answer of account 1 about which four members, or three and an accuser, have spoken.
    private func convicted(
        accuser: Int? = nil, _ words: [AuditFinding?] = [lie, lie, lie, lie]
    ) throws -> (TestLedger, members: [Int], before: TestLedger) {
        var ledger = try TestLedger.answering(auditors: 2..<6) {
            $0.disputeBudget = 7
            $0.committee = 4
            $0.convictionWindow = 12
        }
        var block: [(by: Int, Operation)] = [(1, .recordAnswers([ledger.answer()]))]
        if let accuser { block.append((accuser, .accuse(Accusation(answer: ledger.answer(), bond: bond)))) }
        let before = ledger
        #expect(try ledger.block(block).results.allSatisfy { $0.failure == nil })
        try ledger.block()
        let members = ledger.committee()
        try ledger.audit(appeals: true) { words[$0] }
        return (ledger, members, before)
    }

    private func held(_ ledger: TestLedger, _ index: Int) -> Int64 {
        Int64(ledger.account(index).balance.seeds + ledger.account(index).stake.seeds)
    }

    /// The provider opens a dispute with a member, whose first move it is.
    private func appeal(
        _ ledger: inout TestLedger, against member: Int, _ move: ToyReferee.Move?
    ) throws -> String? {
        if let failure = try ledger.attempt(ledger.opening(member: member, isUnnamed: true), by: 1) { return failure }
        guard ledger.state.dispute(ledger.answer().id) != nil else { return nil }
        guard let move else {
            try ledger.skip(to: ledger.height + 8)
            return nil
        }
        return try ledger.attempt(ledger.move(move, number: 0), by: member)
    }

    @Test(
        "what a convicted provider was slashed is held until its time is over, with the bond of its accuser",
        arguments: [nil, 6])
    func window(accuser: Int?) throws {
        var (ledger, members, before) = try convicted(accuser: accuser)
        let conviction = try #require(ledger.open()?.conviction)
        #expect(ledger.slashes.map(\.account) == [1] && ledger.slashes[0].amount == risk)
        #expect(conviction.held == risk && conviction.end == ledger.height + 12)
        #expect(Set(conviction.members.map(\.account)) == Set(members.map(ledger.id)))
        #expect(ledger.account(1).locked == .zero && ledger.account(1).inference.failures > 0)
        let bonds = risk + (accuser == nil ? .zero : bond)
        #expect(ledger.state.supply.bonds == bonds)
        #expect(members.allSatisfy { held(ledger, $0) <= held(before, $0) })
        #expect(ledger.state.convictions(of: ledger.id(1), at: ledger.height).map(\.answer.id) == [ledger.answer().id])
        #expect(ledger.state.convictions(of: ledger.id(2), at: ledger.height).isEmpty)
        for operation in [
            Operation.accuse(Accusation(answer: ledger.answer(), bond: bond)), ledger.opening(),
            ledger.opening(member: members[0]),
        ] {
            #expect(try ledger.attempt(operation, by: 6) == "\(Failure.closedAnswer(.faulty))")
        }
        let last = ledger
        try ledger.skip(to: conviction.end - 1)
        #expect(ledger.open() != nil)
        try ledger.block()
        #expect(ledger.open() == nil && ledger.outcome() == .faulty && ledger.state.supply.bonds == .zero)
        let back = Int64(risk.seeds / 2 + (accuser == nil ? 0 : bond.seeds))
        #expect(held(ledger, 6) - held(last, 6) == back)
        #expect(members.allSatisfy { held(ledger, $0) - held(last, $0) == Int64(seat.seeds) })
        #expect(try appeal(&ledger, against: members[0], nil)?.contains("does not say") == true)
    }

    @Test(
        "when every member has lost, the provider has its stake back, and its accuser has accused falsely",
        arguments: [nil, 6])
    func acquittal(accuser: Int?) throws {
        var (ledger, members, before) = try convicted(accuser: accuser, [Self.lie, Self.lie, Self.lie, Self.right])
        #expect(ledger.slashes.map(\.account).sorted() == [1, members[3]].sorted())
        for (number, member) in members[..<3].enumerated() {
            let last = ledger
            #expect(try appeal(&ledger, against: member, number == 1 ? nil : .nonsense) == nil)
            let end = try #require(ledger.disputeEnd)
            #expect(end.winner == .defender && end.member == ledger.id(member) && end.loss == falsehood)
            #expect(ledger.slashes.last?.account == member && ledger.slashes.last?.reason == .falseAuditor)
            #expect(held(ledger, member) - held(last, member) <= -Int64(falsehood.seeds))
            if number < 2 {
                #expect(held(ledger, 1) - held(last, 1) == Int64(falsehood.seeds / 2) - Self.fee)
                #expect(ledger.open()?.conviction?.end == ledger.height + 12)
                #expect(try appeal(&ledger, against: member, nil) == "\(Failure.notAnAccuser)")
            }
        }
        #expect(ledger.outcome() == .upheld && ledger.open() == nil && ledger.state.supply.bonds == .zero)
        #expect(ledger.account(1).stake == before.account(1).stake && ledger.account(1).locked == .zero)
        #expect(ledger.account(1).inference.failures == 0 && ledger.account(1).inference.successes > 0)
        // What it was slashed for finding the answer right, and its wages.
        #expect(held(ledger, members[3]) >= held(before, members[3]))
        #expect(ledger.account(members[3]).reputation.failures == 0)
        if accuser != nil {
            #expect(held(ledger, members[3]) - held(before, members[3]) == Int64(seat.seeds) - 2 * Self.fee)
            #expect(held(ledger, 6) - held(before, 6) == -Int64(bond.seeds) - Self.fee)
        }
    }

    @Test("a provider that is wrong about one member loses its bond to it, and the conviction stands at once")
    func upheld() throws {
        var (ledger, members, _) = try convicted([Self.fault, Self.fault, Self.fault, Self.lie])
        // An accomplice throws a dispute first.
        #expect(try appeal(&ledger, against: members[3], .nonsense) == nil)
        #expect(try appeal(&ledger, against: members[0], .nonsense) == nil)
        let last = ledger
        #expect(try appeal(&ledger, against: members[1], .win) == nil)
        #expect(ledger.outcome() == .faulty && ledger.open() == nil && ledger.state.supply.bonds == .zero)
        #expect(ledger.disputeEnd?.winner == .challenger && ledger.disputeEnd?.loss == bond)
        #expect(held(ledger, 1) - held(last, 1) == -Int64(bond.seeds) - Self.fee)
        let earned = Int64(bond.seeds / 2 + seat.seeds)
        #expect(held(ledger, members[1]) - held(last, members[1]) == earned - Self.fee)
        #expect(held(ledger, members[2]) - held(last, members[2]) == Int64(seat.seeds))
        // Who was struck is not paid.
        #expect(held(ledger, members[0]) == held(last, members[0]))
        #expect(held(ledger, 6) - held(last, 6) == Int64(risk.seeds / 2))
        #expect(ledger.account(1).inference.failures > 0)
    }

    @Test("when the window ends before every member has lost, the conviction stands")
    func unfinished() throws {
        var (ledger, members, _) = try convicted()
        #expect(try appeal(&ledger, against: members[0], .nonsense) == nil)
        let last = ledger
        try ledger.skip(to: ledger.height + 12)
        #expect(ledger.outcome() == .faulty && ledger.open() == nil)
        #expect(members[1...].allSatisfy { held(ledger, $0) - held(last, $0) == Int64(seat.seeds) })
        #expect(held(ledger, members[0]) == held(last, members[0]))
    }

    @Test("what everybody sees is decided when the dispute is opened, and what no dispute decides is none")
    func kinds() throws {
        func finding(_ fault: AnswerFault) -> AuditFinding { .faulty(fault, TestLedger.otherValue) }
        var (ledger, members, _) = try convicted(Array(repeating: finding(ToyReferee.seen), count: 4))
        #expect(try ledger.attempt(ledger.opening(member: members[0], isUnnamed: true), by: 1) == nil)
        #expect(ledger.disputeEnd?.winner == .defender && ledger.disputeEnd?.reason == .evident)
        #expect(ledger.open()?.conviction?.members.count == 3)
        #expect(try ledger.attempt(ledger.opening(member: members[1], isEvident: true, isUnnamed: true), by: 1) == nil)
        #expect(ledger.disputeEnd?.winner == .challenger && ledger.outcome() == .faulty && ledger.open() == nil)
        (ledger, members, _) = try convicted(Array(repeating: finding(ToyReferee.undecidable), count: 4))
        #expect(
            try ledger.attempt(ledger.opening(member: members[0], isUnnamed: true), by: 1)?.contains("no dispute can")
                == true)
        #expect(ledger.open()?.conviction?.members.count == 4)
    }

    @Test("who can answer whom, with what, and when")
    func openings() throws {
        var (ledger, members, _) = try convicted()
        func attempt(_ opening: Operation, by sender: Int = 1) throws -> String? {
            try ledger.attempt(opening, by: sender)
        }
        let member = members[0]
        #expect(try attempt(ledger.opening(isUnnamed: true)) == "\(Failure.notAnAccuser)")
        #expect(try attempt(ledger.opening(member: 6, isUnnamed: true)) == "\(Failure.notAnAccuser)")
        #expect(
            try attempt(ledger.opening(member: member, isUnnamed: true), by: 6) == "\(Failure.closedAnswer(.faulty))")
        #expect(try attempt(ledger.opening(member: member))?.contains("for the member to say") == true)
        #expect(
            try attempt(ledger.opening(member: member, isOffered: false, isUnnamed: true))?.contains("did not ask")
                == true)
        #expect(
            try attempt(ledger.opening(bond: Amount(fig: 1)!, member: member, isUnnamed: true))
                == "\(Failure.bond(Amount(fig: 1)!, needed: Amount(seeds: 3_200_000_000)))")
        #expect(
            try attempt(ledger.opening(member: member, isUnnamed: true, output: 3))
                == "\(Failure.otherReceipt(ledger.answer().id.job))")
        #expect(try attempt(ledger.opening(member: member, isUnnamed: true)) == nil)
        #expect(
            try attempt(ledger.opening(member: members[1], isUnnamed: true))
                == "\(Failure.inDispute(ledger.answer().id.job))")
        // Only a convicted provider leaves it to the other side to say what is wrong.
        var fresh = try TestLedger.disputing()
        #expect(try fresh.attempt(fresh.opening(isUnnamed: true), by: 6)?.contains("does not say") == true)
    }

    @Test("of a right answer nobody honest loses anything, of a wrong one its provider does, whatever four members say")
    func everything() throws {
        let words: [AuditFinding?] = [
            nil, Self.lie, .faulty(AnswerFault(code: 9, step: 0), TestLedger.otherValue), .unavailable,
        ]
        for isRight in [true, false] {
            for code in 0..<256 {
                // Honest ones in the place of those that would say nothing.
                let said = (0..<4).map { words[code >> (2 * $0) & 3] }
                let honest = said.indices.filter { said[$0] == nil }
                var (ledger, members, before) = try convicted(said.map { $0 ?? (isRight ? Self.right : Self.fault) })
                guard let first = ledger.open()?.conviction else { continue }
                func next() -> Int? {
                    let left = ledger.open()?.conviction?.members.map { ledger.index($0.account) } ?? []
                    return left.first { member in !honest.contains { members[$0] == member } } ?? left.first
                }
                // Those that throw it come first.
                while let member = next() {
                    let isHonest = honest.contains { members[$0] == member }
                    #expect(try appeal(&ledger, against: member, isHonest ? .win : .nonsense) == nil)
                }
                let keeps = first.members.contains { member in
                    honest.contains { ledger.id(members[$0]) == member.account }
                }
                #expect(ledger.outcome() == (keeps ? .faulty : .upheld), "\(said)")
                #expect(keeps != isRight || honest.isEmpty, "\(said)")
                if !keeps { #expect(held(ledger, 1) > held(before, 1), "\(said)") }
                for seat in honest {
                    #expect(
                        held(ledger, members[seat]) + Self.fee >= held(before, members[seat]), "\(said), \(isRight)")
                }
                #expect(ledger.state.supply.bonds == .zero && ledger.account(1).locked == .zero)
            }
        }
    }
}
