import Keys
import Ledger
import Testing
import Wire

@Suite struct AppealTests {
    private static let right = AuditFinding.correct(TestLedger.recomputation)
    private static let fee = Int64(Parameters().minimumFee.seeds)
    private let bond = TestLedger.bond
    /// Ten times what a seat earns for an answer of 1 FIG.
    private let falsehood = Amount(fig: 8)!

    /// Three members have found the answer of account 1 right.
    private func confirmed(payment: Amount = TestLedger.price) throws -> (TestLedger, members: [Int]) {
        var ledger = try TestLedger.answering(auditors: 2..<5) { $0.disputeBudget = 7 }
        #expect(try ledger.attempt(.recordAnswers([ledger.answer(payment: payment)]), by: 1) == nil)
        try ledger.block()
        let members = ledger.committee()
        try ledger.audit { _ in Self.right }
        return (ledger, members)
    }

    private func held(_ ledger: TestLedger, _ index: Int) -> Int64 {
        Int64(ledger.account(index).balance.seeds + ledger.account(index).stake.seeds)
    }

    @Test("an answer that a committee has confirmed stays open, with the members that said so, until its window ends")
    func window() throws {
        var (ledger, members) = try confirmed()
        let appeal = try #require(ledger.open()?.appeal)
        #expect(appeal.appellants.map(\.account) == [ledger.id(6)])
        #expect(Set(appeal.upholders) == Set(members.map(ledger.id)) && appeal.end == ledger.height + 12)
        #expect(ledger.account(1).locked == Amount(fig: 10)!)
        let accusation = Accusation(answer: ledger.answer(), bond: bond)
        #expect(try ledger.attempt(.accuse(accusation), by: 6) == "\(Failure.closedAnswer(.correct))")
        try ledger.skip(to: appeal.end - 1)
        #expect(ledger.open() != nil)
        try ledger.block()
        #expect(ledger.open() == nil && ledger.outcome() == .correct && ledger.account(1).locked == .zero)
        #expect(try ledger.attempt(ledger.opening(member: members[0]), by: 6) == "\(Failure.closedAnswer(.correct))")
    }

    @Test("the window of an answer outlasts the end that it was recorded with")
    func longWindow() throws {
        var ledger = try TestLedger.answering(auditors: 2..<5) { $0.appealWindow = 60 }
        try ledger.block([(1, .recordAnswers([ledger.answer()]))])
        try ledger.block()
        let end = try #require(ledger.open()).end
        try ledger.audit { _ in Self.right }
        try ledger.skip(to: end + 10)
        #expect(ledger.open()?.appeal != nil)
        try ledger.skip(to: ledger.height + 60)
        #expect(ledger.open() == nil)
    }

    @Test("a member that loses pays alone, is struck, and the others can be appealed against, the provider last")
    func memberLoses() throws {
        var (ledger, members) = try confirmed()
        var before = ledger
        for (number, member) in members.enumerated() {
            // Whatever the request asked for: a committee has judged it.
            #expect(try ledger.attempt(ledger.opening(member: member, isOffered: false), by: 6) == nil)
            #expect(ledger.state.dispute(ledger.answer().id)?.mover == ledger.id(member))
            // The provider cannot lose for the member, nor move for it.
            #expect(try ledger.attempt(ledger.move(.nonsense, number: 0), by: 1) == "\(Failure.outOfTurn(0))")
            #expect(try ledger.attempt(ledger.move(.nonsense, number: 0), by: member) == nil)
            let end = try #require(ledger.disputeEnd)
            #expect(end.defender == ledger.id(member) && end.winner == .challenger && end.loss == falsehood)
            #expect(ledger.slashes.last?.account == member && ledger.slashes.last?.reason == .falseAuditor)
            #expect(ledger.slashes.count == number + 1)
            #expect(held(ledger, 6) - held(before, 6) == Int64(falsehood.seeds / 2) - Self.fee)
            #expect(held(ledger, member) - held(before, member) == -Int64(falsehood.seeds) - Self.fee)
            #expect(ledger.account(member).reputation.failures > 0)
            #expect(held(ledger, 1) <= held(before, 1) && ledger.account(1).stake == before.account(1).stake)
            let appeal = try #require(ledger.open()?.appeal)
            #expect(
                !appeal.upholders.contains(ledger.id(member)) && appeal.end == ledger.height + 12 && appeal.isShaken)
            #expect(
                try ledger.attempt(ledger.opening(member: member), by: 6) == "\(Failure.notAnUpholder)")
            before = ledger
        }
        #expect(try ledger.attempt(ledger.opening(isOffered: false), by: 6) == nil)
        #expect(try ledger.attempt(ledger.move(.nonsense, number: 0), by: 1) == nil)
        #expect(ledger.outcome() == .faulty && ledger.account(1).locked == .zero)
        #expect(ledger.slashes.map(\.reason) == [.falseAuditor, .falseAuditor, .falseAuditor, .wrongAnswer])
    }

    @Test("a provider that throws a dispute shields no committee: its members can be appealed against after it")
    func shield() throws {
        var (ledger, members) = try confirmed()
        #expect(try ledger.attempt(ledger.opening(), by: 6) == nil)
        #expect(try ledger.attempt(ledger.move(.nonsense, number: 0), by: 1) == nil)
        #expect(ledger.open()?.appeal?.isFaulty == true && ledger.slashes.map(\.account) == [1])
        #expect(try ledger.attempt(ledger.opening(), by: 6) == "\(Failure.closedAnswer(.faulty))")
        for member in members {
            #expect(ledger.open()?.appeal != nil)
            #expect(try ledger.attempt(ledger.opening(member: member), by: 6) == nil)
            #expect(try ledger.attempt(ledger.move(.nonsense, number: 0), by: member) == nil)
        }
        #expect(ledger.open() == nil && ledger.outcome() == .faulty && ledger.slashes.count == 4)
        #expect(ledger.account(1).locked == .zero)
        // Or the window ends.
        (ledger, members) = try confirmed()
        #expect(try ledger.attempt(ledger.opening(), by: 6) == nil)
        #expect(try ledger.attempt(ledger.move(.nonsense, number: 0), by: 1) == nil)
        try ledger.skip(to: ledger.height + 12)
        #expect(ledger.open() == nil && ledger.outcome() == .faulty)
    }

    @Test("a client that is wrong loses its bond to the member, and nobody is bothered again")
    func clientLoses() throws {
        var (ledger, members) = try confirmed()
        let before = ledger
        #expect(try ledger.attempt(ledger.opening(member: members[1]), by: 6) == nil)
        #expect(try ledger.attempt(ledger.move(.win, number: 0), by: members[1]) == nil)
        #expect(held(ledger, members[1]) - held(before, members[1]) == Int64(bond.seeds / 2) - Self.fee)
        #expect(held(ledger, 6) - held(before, 6) == -Int64(bond.seeds) - Self.fee)
        #expect(ledger.outcome() == .upheld && ledger.slashes.isEmpty && ledger.account(1).locked == .zero)
        #expect(try ledger.attempt(ledger.opening(member: members[0]), by: 6) == "\(Failure.closedAnswer(.upheld))")
    }

    @Test(
        "what shows a provider wrong for all to see shows a member wrong that has confirmed it; the price of the request counts"
    )
    func evident() throws {
        var (ledger, members) = try confirmed(payment: Amount(seeds: 1))
        let price = Amount(fig: 2)!
        let opening = ledger.opening(bond: Amount(fig: 9)!, member: members[0], isEvident: true, payment: price)
        #expect(try ledger.attempt(opening, by: 6) == nil)
        #expect(ledger.disputeEnd?.reason == .evident && ledger.disputeEnd?.loss == Amount(fig: 16)!)
        #expect(ledger.open()?.appeal?.upholders.count == 2 && ledger.state.disputes.isEmpty)
    }

    @Test("who can be appealed against by whom, and when")
    func openings() throws {
        var (ledger, members) = try confirmed()
        let stranger = try #require((2..<6).first { !members.contains($0) })
        for member in [stranger, 1] {
            #expect(try ledger.attempt(ledger.opening(member: member), by: 6) == "\(Failure.notAnUpholder)")
        }
        // With oneself there is nothing to dispute.
        #expect(try ledger.attempt(ledger.opening(member: 6), by: 6) == "\(Failure.notTheClient)")
        #expect(try ledger.attempt(ledger.opening(member: members[0]), by: members[1]) == "\(Failure.noAppellant)")
        #expect(try ledger.attempt(ledger.opening(member: members[0]), by: 6) == nil)
        #expect(
            try ledger.attempt(ledger.opening(member: members[1]), by: 6)
                == "\(Failure.inDispute(ledger.answer().id.job))")
        // Before a committee has spoken, only what was asked for with disputes is disputed, with its provider.
        var fresh = try TestLedger.disputing()
        #expect(try fresh.attempt(fresh.opening(member: 2), by: 6) == "\(Failure.notAnUpholder)")
        #expect(try fresh.attempt(fresh.opening(job: 7, member: 2), by: 6) == "\(Failure.notAnUpholder)")
        for job in [0, 7] as [UInt64] {
            #expect(
                try fresh.attempt(fresh.opening(job: job, isOffered: false), by: 6)?.contains("did not ask") == true)
        }
    }

    @Test("a dispute that runs when the window ends goes on; a silent member loses, and the window begins again")
    func overlap() throws {
        var (ledger, members) = try confirmed()
        let end = try #require(ledger.open()?.appeal?.end)
        try ledger.skip(to: end - 2)
        #expect(try ledger.attempt(ledger.opening(member: members[0]), by: 6) == nil)
        try ledger.skip(to: end + 5)
        #expect(ledger.open()?.appeal != nil && ledger.disputeEnd == nil)
        try ledger.skip(to: end + 8)
        #expect(ledger.disputeEnd?.reason == .late && ledger.slashes.map(\.account) == [members[0]])
        let renewed = try #require(ledger.open()?.appeal)
        #expect(renewed.end > end && renewed.upholders.count == 2)
        try ledger.skip(to: renewed.end)
        // A member was wrong or silent: the committee's word is worth nothing any more.
        #expect(ledger.open() == nil && ledger.outcome() == .unaudited && ledger.account(1).locked == .zero)
    }

    /// Four members: three have confirmed it, the last has found a fault with another value, or the same one.
    private func outvoted(_ word: AuditFinding) throws -> (TestLedger, allies: [Int], dissenter: Int) {
        var ledger = try TestLedger.answering(auditors: 2..<6) {
            $0.disputeBudget = 7
            $0.committee = 4
        }
        #expect(try ledger.attempt(.recordAnswers([ledger.answer()]), by: 1) == nil)
        try ledger.block()
        let members = ledger.committee()
        try ledger.audit { $0 == 3 ? word : .correct(TestLedger.otherValue) }
        return (ledger, Array(members[..<3]), members[3])
    }

    @Test("a member that was outvoted appeals, and has back what it was slashed, from the slash of who was wrong")
    func dissenter() throws {
        let fault = AuditFinding.faulty(AnswerFault(code: 1, step: 0), TestLedger.recomputation)
        var (ledger, allies, dissenter) = try outvoted(fault)
        let slashed = Amount(fig: 1)!
        #expect(ledger.slashes.map(\.account) == [dissenter])
        #expect(ledger.open()?.appeal?.appellants.map(\.loss) == [.zero, slashed])
        var before = ledger
        // A client that did not ask for disputes is not overruled.
        #expect(
            try ledger.attempt(ledger.opening(member: allies[0], isOffered: false), by: dissenter)?
                .contains("not the client") == true)
        for ally in allies {
            before = ledger
            #expect(try ledger.attempt(ledger.opening(member: ally), by: dissenter) == nil)
            #expect(try ledger.attempt(ledger.move(.nonsense, number: 0), by: ally) == nil)
            let repaid = ally == allies[0] ? Int64(slashed.seeds) : 0
            #expect(held(ledger, dissenter) - held(before, dissenter) == Int64(falsehood.seeds / 2) + repaid - Self.fee)
        }
        #expect(ledger.account(dissenter).reputation.failures == 0)
        #expect(ledger.open()?.appeal?.appellants.map(\.loss) == [.zero, .zero])
        #expect(try ledger.attempt(ledger.opening(), by: dissenter) == nil)
        #expect(try ledger.attempt(ledger.move(.nonsense, number: 0), by: 1) == nil)
        #expect(ledger.outcome() == .faulty)
    }

    @Test("an appellant that loses is out of it, the others are not, and the answer is upheld when all have lost")
    func losers() throws {
        let fault = AuditFinding.faulty(AnswerFault(code: 1, step: 0), TestLedger.otherValue)
        var (ledger, allies, dissenter) = try outvoted(fault)
        #expect(ledger.slashes.isEmpty)
        #expect(try ledger.attempt(ledger.opening(member: allies[0]), by: dissenter) == nil)
        #expect(try ledger.attempt(ledger.move(.win, number: 0), by: allies[0]) == nil)
        #expect(ledger.open()?.appeal?.appellants.map(\.account) == [ledger.id(6)])
        #expect(try ledger.attempt(ledger.opening(member: allies[1]), by: dissenter) == "\(Failure.noAppellant)")
        #expect(try ledger.attempt(ledger.opening(member: allies[1]), by: allies[2]) == "\(Failure.noAppellant)")
        #expect(try ledger.attempt(ledger.opening(member: allies[1]), by: 6) == nil)
        #expect(try ledger.attempt(ledger.move(.win, number: 0), by: allies[1]) == nil)
        #expect(ledger.outcome() == .upheld && ledger.slashes.isEmpty)
    }

    @Test("a member that repeated a made-up value has nothing back, and a slash is not undone by sacrificing another")
    func sacrifice() throws {
        // Two owners' accounts: the lazy one was slashed; an accomplice among the honest throws a dispute with the client.
        var ledger = try TestLedger.answering(auditors: 2..<6) {
            $0.disputeBudget = 7
            $0.committee = 4
        }
        #expect(try ledger.attempt(.recordAnswers([ledger.answer()]), by: 1) == nil)
        try ledger.block()
        let members = ledger.committee()
        let lie = AuditFinding.faulty(AnswerFault(code: 1, step: 0), TestLedger.otherValue)
        let before = ledger
        try ledger.audit { $0 == 3 ? lie : Self.right }
        #expect(try ledger.attempt(ledger.opening(member: members[0]), by: 6) == nil)
        #expect(try ledger.attempt(ledger.move(.nonsense, number: 0), by: members[0]) == nil)
        // Client, accomplice and liar together.
        let gain = [6, members[0], members[3]].reduce(0) { $0 + held(ledger, $1) - held(before, $1) }
        #expect(gain <= -Int64(Amount(fig: 1)!.seeds))
    }

    /// All orders of three.
    private static let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]

    @Test(
        "of a right answer no honest member loses anything, whoever of the others loses on purpose, in whatever order",
        arguments: 0..<8)
    func accomplices(honest: Int) throws {
        for order in Self.orders {
            for isSilent in [false, true] {
                var (ledger, members) = try confirmed()
                let before = ledger
                for seat in order {
                    guard try ledger.attempt(ledger.opening(member: members[seat]), by: 6) == nil else { break }
                    if honest >> seat & 1 == 1 {
                        #expect(try ledger.attempt(ledger.move(.win, number: 0), by: members[seat]) == nil)
                    } else if isSilent {
                        try ledger.skip(to: ledger.height + 8)
                    } else {
                        #expect(try ledger.attempt(ledger.move(.nonsense, number: 0), by: members[seat]) == nil)
                    }
                }
                // The provider is honest as well.
                if try ledger.attempt(ledger.opening(), by: 6) == nil {
                    #expect(try ledger.attempt(ledger.move(.win, number: 0), by: 1) == nil)
                }
                #expect(ledger.outcome() == .upheld)
                for seat in 0..<3 where honest >> seat & 1 == 1 {
                    #expect(held(ledger, members[seat]) >= held(before, members[seat]) - Self.fee, "\(honest) \(order)")
                }
                #expect(ledger.account(1).stake == before.account(1).stake && ledger.account(1).locked == .zero)
            }
        }
    }
}
