import Keys
import Ledger
import Testing
import Wire

@Suite struct DisputeOrderTests {
    private let bond = TestLedger.bond

    @Test("only the side that is to move moves, and only the next move; what comes twice or late changes nothing")
    func order() throws {
        var ledger = try TestLedger.disputing()
        #expect(
            try ledger.attempt(ledger.move(.win, number: 0), by: 1)
                == "\(Failure.notInDispute(ledger.answer().id.job))")
        #expect(try ledger.attempt(ledger.opening(), by: 6) == nil)
        let outOfTurn = "\(Failure.outOfTurn(0))"
        for (by, number) in [(6, 0), (0, 0), (1, 1)] as [(Int, UInt32)] {
            #expect(try ledger.attempt(ledger.move(.win, number: number), by: by) == outOfTurn)
        }
        // The same move twice in one block: the second is the challenger's turn.
        let results = try ledger.block([(1, ledger.move(.pass, number: 0)), (1, ledger.move(.pass, number: 0))])
            .results
        #expect(results[0].failure == nil && results[1].failure == "\(Failure.outOfTurn(1))")
        #expect(try ledger.attempt(ledger.move(.pass, number: 1), by: 6) == nil)
        // An old move that comes again when it is the provider's turn once more.
        #expect(try ledger.attempt(ledger.move(.nonsense, number: 0), by: 1) == "\(Failure.outOfTurn(2))")
        #expect(ledger.state.dispute(ledger.answer().id)?.moves == 2)
    }

    @Test("who may open, with what bond, and about what")
    func openings() throws {
        var ledger = try TestLedger.disputing()
        #expect(try ledger.attempt(ledger.opening(), by: 2) == "\(Failure.notTheClient)")
        let short = Amount(seeds: bond.seeds / 2)
        #expect(
            try ledger.attempt(ledger.opening(bond: short), by: 6)
                == "\(Failure.bond(short, needed: Amount(seeds: 2_400_000_000)))")
        #expect(
            try ledger.attempt(ledger.opening(bond: Amount(fig: 2_000_000)!), by: 6)?.contains("does not cover")
                == true)
        #expect(
            try ledger.attempt(ledger.opening(output: 3), by: 6) == "\(Failure.otherReceipt(ledger.answer().id.job))")
        let nothing = Operation.openDispute(DisputeOpening(bond: bond, opening: []))
        #expect(try ledger.attempt(nothing, by: 6) == "there is nothing to dispute")
        // Of an answer that was not recorded the provider must have the stake.
        let stranger = ledger.answer(by: 6, job: 9, key: ledger.nodes[6])
        let own = Operation.openDispute(DisputeOpening(bond: bond, opening: ToyReferee.opening(stranger)))
        #expect(try ledger.attempt(own, by: 6) == "\(Failure.notTheClient)")
        #expect(try ledger.attempt(ledger.opening(), by: 6) == nil)
        #expect(try ledger.attempt(ledger.opening(), by: 6) == "\(Failure.inDispute(ledger.answer().id.job))")
        #expect(
            try ledger.attempt(.accuse(Accusation(answer: ledger.answer(), bond: bond)), by: 6)
                == "\(Failure.inDispute(ledger.answer().id.job))")
        #expect(ledger.state.supply.bonds == bond)
    }

    @Test(
        "one doubt at a time: an answer under audit is not disputed, one in dispute is neither drawn nor closed by its end"
    )
    func audits() throws {
        var ledger = try TestLedger.answering { $0.disputeBudget = 40 }
        #expect(try ledger.attempt(.recordAnswers([ledger.answer()]), by: 1) == nil)
        try ledger.block()
        #expect(try ledger.attempt(ledger.opening(), by: 6) == "\(Failure.underAudit(ledger.answer().id.job))")
        // Opened in the block of the record, before the draw.
        try ledger.block([(1, .recordAnswers([ledger.answer(job: 1)])), (6, ledger.opening(job: 1))])
        let end = try #require(ledger.open(1)?.end)
        try ledger.skip(to: end + 5)
        #expect(ledger.open(1)?.audit == nil && ledger.open(1) != nil)
        try ledger.skip(to: end + 15)
        #expect(ledger.outcome(1) == .faulty)
    }

    @Test("a block takes sixteen steps of disputes, and says so to the rest")
    func steps() throws {
        var ledger = try TestLedger.disputing()
        let operations = (0..<20).map { index in (by: 6, ledger.opening(job: UInt64(index))) }
        let results = try ledger.block(operations).results
        #expect(results.count { $0.failure == nil } == 16)
        #expect(results[19].failure == "\(Failure.tooManyDisputeSteps)")
        #expect(ledger.state.disputes.count == 16)
        // All are late at one height.
        try ledger.skip(to: ledger.height + 8)
        #expect(ledger.state.disputes.isEmpty && ledger.slashes.count == 16)
    }

    @Test("a move pays for its size")
    func fees() throws {
        var ledger = try TestLedger.disputing()
        #expect(try ledger.attempt(ledger.opening(), by: 6) == nil)
        let large = Operation.disputeMove(
            DisputeTurn(answer: ledger.answer().id, number: 0, move: [UInt8](repeating: 0, count: 3 << 10)))
        let minimum = ledger.state.parameters.minimumFee
        let cheap = ledger.sign(large, by: 1, fee: Amount(seeds: 4 * minimum.seeds - 1))
        #expect(throws: Rejection.fee(cheap.fee, minimum: Amount(seeds: 4 * minimum.seeds))) {
            try ledger.state.check(cheap)
        }
        #expect(throws: Never.self) { try ledger.state.check(ledger.sign(large, by: 1)) }
        #expect(ledger.state.awaits(cheap) && !ledger.state.awaits(ledger.sign(large, by: 2)))
    }

    @Test("a dispute survives a snapshot, and its end gives the same state")
    func snapshot() throws {
        var ledger = try TestLedger.disputing()
        #expect(try ledger.attempt(ledger.opening(), by: 6) == nil)
        var copy = ledger
        copy.state = try State(snapshot: ledger.state.snapshot)
        for _ in 0..<2 { #expect(copy.state.root == ledger.state.root) }
        try ledger.block([(1, ledger.move(.win, number: 0))])
        try copy.block([(1, copy.move(.win, number: 0))])
        #expect(copy.state.root == ledger.state.root)
    }
}
