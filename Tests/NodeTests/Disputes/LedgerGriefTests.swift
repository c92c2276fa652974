import Keys
import Ledger
import Models
import Node
import Proofs
import Testing
import Wire

/// What gets whoever does not play a dispute as it is meant.
@Suite struct LedgerGriefTests {
    private let bench: CourtModel

    init() throws { bench = try CourtModel() }

    @Test("who falls silent loses, at whatever step")
    func silence() throws {
        let cheat = try TinyModel.transformer(TinyModel.tensors(seed: 2))
        for (transformer, claim) in [
            (cheat, DisputeStatement.Claim.transcript), (bench.honest, .transcript), (bench.honest, .token(step: 2)),
        ] {
            let exchange = try bench.answer(by: transformer, length: 5)
            let (provider, challenger) = (try bench.hand(exchange, transformer), try bench.hand(exchange, bench.honest))
            var (court, id) = try bench.court(exchange, claim)
            while let (record, machine) = try court.dispute(id) {
                var silent = court
                let before = silent.state
                let end = try silent.play(id, provider: { _ in nil }, challenger: { _ in nil })
                #expect(end.reason == .late && end.winner == record.turn.other)
                #expect(silent.height == record.deadline + 1)
                #expect((bench.slashed(silent) > 0) == (record.turn == .defender))
                let bond = before.supply.bonds.seeds
                let balance = silent.state.account(Court.client)?.balance.seeds ?? 0
                let earlier = before.account(Court.client)?.balance.seeds ?? 0
                #expect(balance == (record.turn == .defender ? earlier + bond + end.loss.seeds / 2 : earlier))
                let move =
                    try record.turn == .defender
                    ? provider.show(in: machine, weights: bench.weights) : challenger.reply(in: machine)
                guard let move else { break }
                try court.move(move.canonicalBytes, in: id)
            }
        }
    }

    @Test(
        "a move with a bit changed is no other right move: evidence and openings are refused, and nothing stops the ledger"
    )
    func bitFlips() throws {
        let exchange = try bench.answer(by: bench.honest)
        let own = try bench.hand(exchange, bench.honest)
        var (court, id) = try bench.court(exchange)
        while let machine = try court.dispute(id)?.machine {
            let move: DisputeMove? =
                switch machine.phase {
                case .pointAtNode, .pointAtBoundary: .right
                case .pointAtElement: .element(.down, 3)
                default: try own.show(in: machine, weights: bench.weights)
                }
            let bytes = try #require(move).canonicalBytes
            for bit in stride(from: 0, to: bytes.count * 8, by: max(1, bytes.count / 12 | 1)) {
                var copy = court
                let outcome = try copy.move(bytes.flipping(bit: bit), in: id)
                var end: LedgerEvent.DisputeEnded?
                for case .disputeEnded(let found) in outcome.events { end = found }
                switch machine.phase {
                // The vectors between input and output are the provider's word, which the challenger compares.
                case .showLayer, .pointAtElement, .pointAtNode, .pointAtBoundary: break
                default: #expect(end?.winner == .challenger && end?.reason == .malformed, "\(machine.phase) bit \(bit)")
                }
            }
            try court.move(bytes, in: id)
        }
        #expect(court.state.answer(id) == .closed(.upheld))
    }

    @Test("what is no case, or of nobody's money, opens nothing")
    func openings() throws {
        var court = try Court()
        let exchange = try bench.answer(by: bench.honest)
        let bytes = DisputeCase(claim: .transcript, exchange: exchange, model: bench.description).canonicalBytes
        for opening in [[], Array(bytes.dropLast()), bytes + [0]] {
            let outcome = try court.block(
                .openDispute(DisputeOpening(bond: Amount(fig: 5)!, opening: opening)), by: Sample.client)
            #expect(outcome.results[0].code == Failure.undisputable("").code)
        }
        for bit in stride(from: 0, to: bytes.count * 8, by: 211) {
            let outcome = try court.block(
                .openDispute(DisputeOpening(bond: Amount(fig: 5)!, opening: bytes.flipping(bit: bit))),
                by: Sample.client)
            // The claim is the challenger's own: its bits are bits of another claim.
            #expect(outcome.results[0].failure != nil || bit < 8, "bit \(bit)")
        }
        let stranger = try court.block(
            .openDispute(DisputeOpening(bond: Amount(fig: 5)!, opening: bytes)), by: Sample.provider)
        #expect(stranger.results[0].code == Failure.notTheClient.code)
        #expect(court.state.disputes.isEmpty)
        // Signed by the provider and wrong for all to see: no dispute is needed.
        let request = exchange.request.request
        let seed = InferenceSeed(job: request.id, by: Sample.node)
        let wrong = Receipt.answer(
            exchange.answer, to: request, transcript: exchange.receipt.receipt.checkpoints, seed: .zero)
        let evident = Exchange(
            request: exchange.request, answer: exchange.answer,
            receipt: .sign(wrong, seedProof: seed.proof, with: Sample.node))
        let outcome = try court.open(DisputeCase(claim: .transcript, exchange: evident, model: bench.description))
        #expect(outcome.results[0].failure == nil && bench.slashed(court) > 0)
        for case .disputeEnded(let end) in outcome.events { #expect(end.reason == .evident && end.moves == 0) }
        #expect(court.state.answer(evident.receipt.answer) == .closed(.faulty))
    }
}
