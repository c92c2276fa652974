import Keys
import Ledger
import Testing
import Wire

@Suite struct DisputeTests {
    /// Ten times the price.
    private let risk = Amount(fig: 10)!
    private let bond = TestLedger.bond

    /// What accounts 1 and 6 and the treasury have won since `before`, without the fees of account 6; the stake counts.
    private func gains(_ ledger: TestLedger, since before: TestLedger) -> (
        provider: Int64, client: Int64, treasury: Int64
    ) {
        func held(_ ledger: TestLedger, _ index: Int) -> Int64 {
            Int64(ledger.account(index).balance.seeds + ledger.account(index).stake.seeds)
        }
        return (
            held(ledger, 1) - held(before, 1), held(ledger, 6) - held(before, 6),
            Int64(ledger.state.supply.treasury.seeds) - Int64(before.state.supply.treasury.seeds)
        )
    }

    private let fee = Int64(Parameters().minimumFee.seeds)

    @Test(
        "a provider that is shown wrong pays the client half of the slash, the treasury the rest; the bond comes back",
        arguments: [true, false])
    func providerLoses(isRecorded: Bool) throws {
        var ledger = try TestLedger.disputing(isRecorded: isRecorded)
        let before = ledger
        #expect(try ledger.attempt(ledger.opening(), by: 6) == nil)
        #expect(ledger.state.supply.bonds == bond && ledger.account(1).locked == risk)
        #expect(ledger.state.disputes == [ledger.answer().id])
        #expect(try ledger.attempt(ledger.move(.pass, number: 0), by: 1) == nil)
        #expect(ledger.state.dispute(ledger.answer().id)?.turn == .challenger)
        #expect(try ledger.block([(6, ledger.move(.win, number: 1))]).results[0].failure == nil)
        let gains = gains(ledger, since: before)
        let slash = Int64(risk.seeds)
        #expect(gains.provider == -slash - fee && gains.treasury == slash / 2)
        #expect(gains.client == slash / 2 - 2 * fee)
        let end = try #require(ledger.disputeEnd)
        #expect(end.answer == ledger.answer().id && end.challenger == ledger.id(6) && end.loss == risk)
        #expect(end.winner == .challenger && end.reason == .recomputed && end.moves == 2)
        #expect(ledger.outcome() == .faulty && ledger.account(1).locked == .zero && ledger.state.disputes.isEmpty)
        #expect(ledger.slashes.map { $0.reason } == [.wrongAnswer])
        #expect(ledger.account(1).inference != before.account(1).inference)
        // It is over: neither an accusation nor another dispute.
        for operation in [ledger.opening(), .accuse(Accusation(answer: ledger.answer(), bond: bond))] {
            #expect(try ledger.attempt(operation, by: 6) == "\(Failure.closedAnswer(.faulty))")
        }
    }

    @Test("a challenger that is wrong loses its bond: half to the provider, half to the treasury")
    func challengerLoses() throws {
        var ledger = try TestLedger.disputing()
        let before = ledger
        #expect(try ledger.attempt(ledger.opening(), by: 6) == nil)
        #expect(try ledger.attempt(ledger.move(.win, number: 0), by: 1) == nil)
        let gains = gains(ledger, since: before)
        let bond = Int64(bond.seeds)
        #expect(gains.provider == bond / 2 - fee && gains.client == -bond - fee && gains.treasury == bond / 2)
        #expect(ledger.outcome() == .upheld && ledger.account(1).locked == .zero && ledger.slashes.isEmpty)
        #expect(ledger.account(1).inference == before.account(1).inference)
    }

    @Test(
        "whoever is silent past its deadline loses, at that height and not before",
        arguments: [DisputeParty.defender, .challenger])
    func silence(party: DisputeParty) throws {
        var ledger = try TestLedger.disputing()
        #expect(try ledger.attempt(ledger.opening(), by: 6) == nil)
        if party == .challenger { #expect(try ledger.attempt(ledger.move(.pass, number: 0), by: 1) == nil) }
        let dispute = try #require(ledger.state.dispute(ledger.answer().id))
        #expect(dispute.deadline == ledger.height + 7 && dispute.turn == party)
        try ledger.skip(to: dispute.deadline)
        #expect(ledger.disputeEnd == nil)
        // A move in the block after the deadline comes too late.
        let late = try ledger.attempt(
            ledger.move(.win, number: dispute.moves), by: party == .defender ? 1 : 6)
        #expect(late == "\(Failure.lateMove(deadline: dispute.deadline))")
        #expect(ledger.disputeEnd?.winner == party.other && ledger.disputeEnd?.reason == .late)
        #expect(ledger.outcome() == (party == .defender ? .faulty : .upheld))
    }

    @Test("a move at the last height is in time, and what is not due loses")
    func lastMoment() throws {
        var ledger = try TestLedger.disputing()
        #expect(try ledger.attempt(ledger.opening(), by: 6) == nil)
        try ledger.skip(to: ledger.height + 6)
        #expect(try ledger.attempt(ledger.move(.nonsense, number: 0), by: 1) == nil)
        #expect(ledger.disputeEnd?.winner == .challenger && ledger.disputeEnd?.reason == .malformed)
        // Nothing is left that could end it again.
        try ledger.skip(to: ledger.height + 10)
        #expect(ledger.slashes.count == 1)
    }

    @Test("what the provider's own signatures prove is settled when it is shown; the price of the request counts")
    func evident() throws {
        var ledger = try TestLedger.disputing()
        let before = ledger
        let price = Amount(fig: 3)!
        #expect(
            try ledger.attempt(ledger.opening(bond: Amount(fig: 9)!, isEvident: true, payment: price), by: 6) == nil)
        #expect(ledger.disputeEnd?.reason == .evident && ledger.disputeEnd?.loss == Amount(fig: 30)!)
        #expect(gains(ledger, since: before).client == 15 * Int64(Amount.seedsPerFIG) - fee)
        #expect(ledger.state.disputes.isEmpty && ledger.state.supply.bonds == .zero)
    }
}
