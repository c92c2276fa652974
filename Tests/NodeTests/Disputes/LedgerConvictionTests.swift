import Keys
import Ledger
import Models
import Node
import Proofs
import Testing
import Wire

/// Convicted providers of a small model that answer their committee: the member that has found a fault is the challenger.
@Suite struct LedgerConvictionTests {
    private let bench: CourtModel

    init() throws { bench = try CourtModel() }

    private func stake(_ court: Court, _ account: AccountID) -> Amount { court.state.account(account)?.stake ?? .zero }

    /// A committee of one has found the fault, and nobody has pleaded.
    private func convicted(_ exchange: Exchange, code: UInt16) throws -> Court {
        var court = try Court()
        try court.audit(exchange) { .faulty(AnswerFault(code: code, step: 0), $0) }
        for _ in 0..<4 { try court.block() }
        guard case .open(let open)? = court.state.answer(exchange.receipt.answer) else { throw Court.Silence() }
        #expect(open.conviction?.members.map(\.account) == [Court.member])
        return court
    }

    private func dispute(_ exchange: Exchange, _ claim: DisputeStatement.Claim = .unnamed) -> DisputeCase {
        DisputeCase(claim: claim, exchange: exchange, model: bench.description)
    }

    @Test("an honest provider beats a member that has no fault to show, computes with another model, or says nothing")
    func slander() throws {
        let exchange = try bench.answer(by: bench.honest)
        let own = try bench.hand(exchange, bench.honest)
        let other = try bench.hand(exchange, try TinyModel.transformer(TinyModel.tensors(seed: 2)))
        let members: [(String, (DisputeMachine) throws -> DisputeMove?)] = [
            ("honest hand", { try own.reply(in: $0) }), ("another model", { try other.reply(in: $0) }),
            ("silent", { _ in nil }), ("a step that is not there", { _ in .claim(.token(step: 99)) }),
            ("no claim", { _ in .claim(.unnamed) }), ("another move", { _ in .agree }),
            (
                "a token", { $0.phase == .nameFault ? .claim(.token(step: 2)) : .agree }
            ),
            (
                "any number",
                {
                    switch $0.phase {
                    case .nameFault: .claim(.transcript)
                    case .pointAtNode, .pointAtBoundary: .right
                    case .pointAtElement: .element(.down, 7)
                    default: .agree
                    }
                }
            ),
        ]
        for (name, play) in members {
            var court = try convicted(exchange, code: 33)
            #expect(bench.slashed(court) > 0)
            let before = stake(court, Court.member)
            let opened = try court.open(dispute(exchange), with: Court.member, by: Sample.provider)
            #expect(opened.results[0].failure == nil)
            let end = try court.play(
                exchange.receipt.answer, provider: { try own.show(in: $0, weights: bench.weights) }, challenger: play)
            #expect(end.winner == .defender && end.member == Court.member, "\(name)")
            #expect(
                bench.slashed(court) == 0 && court.state.answer(exchange.receipt.answer) == .closed(.upheld), "\(name)")
            #expect(before.subtracting(stake(court, Court.member)) == Amount(fig: 1), "\(name)")
        }
    }

    @Test(
        "a guilty provider loses to a member that has computed the answer, whatever it was convicted of",
        arguments: [32, 33] as [UInt16])
    func guilty(code: UInt16) throws {
        let other = try TinyModel.transformer(TinyModel.tensors(seed: 2))
        let exchanges = [
            (try bench.answer(by: other), other),
            // Right states, and a token that they do not choose.
            (try bench.answer(by: bench.honest) { $0 == 5 ? ($1 == 60 ? 61 : 60) : $1 }, bench.honest),
        ]
        for (exchange, engine) in exchanges {
            var court = try convicted(exchange, code: code)
            let slashed = bench.slashed(court)
            let opened = try court.open(dispute(exchange), with: Court.member, by: Sample.provider)
            #expect(opened.results[0].failure == nil)
            let (own, member) = (try bench.hand(exchange, engine), try bench.hand(exchange, bench.honest))
            let end = try court.play(
                exchange.receipt.answer, provider: { try own.show(in: $0, weights: bench.weights) },
                challenger: { try member.reply(in: $0) })
            #expect(end.winner == .challenger && end.reason == .recomputed && end.loss == Amount(fig: 5))
            #expect(bench.slashed(court) == slashed && court.state.answer(exchange.receipt.answer) == .closed(.faulty))
        }
    }

    @Test("what the exchange shows is decided by it: a fault that is not there, and one that is")
    func evident() throws {
        let exchange = try bench.answer(by: bench.honest)
        var court = try convicted(exchange, code: InferenceFault.seed.code)
        var outcome = try court.open(dispute(exchange), with: Court.member, by: Sample.provider)
        #expect(outcome.results[0].failure == nil && court.state.answer(exchange.receipt.answer) == .closed(.upheld))
        // An answer of fewer tokens than were asked for, which says that it has them all.
        let short = Exchange.signed(exchange.request.request, output: [7], stop: .length, transcript: .zero)
        court = try convicted(short, code: 33)
        outcome = try court.open(dispute(short), with: Court.member, by: Sample.provider)
        #expect(outcome.results[0].failure == nil && court.state.answer(short.receipt.answer) == .closed(.faulty))
    }

    @Test(
        "a member does not have to answer for a fault that no dispute has words for, nor for one that the provider names"
    )
    func undecidable() throws {
        let exchange = try bench.answer(by: bench.honest)
        for fault in [InferenceFault.stop, .continued(step: 1), .impossible(position: 1)] {
            var court = try convicted(exchange, code: fault.code)
            let opened = try court.open(dispute(exchange), with: Court.member, by: Sample.provider)
            #expect(opened.results[0].failure?.contains("no dispute can show") == true, "\(fault)")
        }
        var court = try convicted(exchange, code: 33)
        for claim in [DisputeStatement.Claim.transcript, .token(step: 0)] {
            let opened = try court.open(dispute(exchange, claim), with: Court.member, by: Sample.provider)
            #expect(opened.results[0].failure?.contains("for the member") == true)
        }
        // The same receipt with another proof of its seed: the members have judged the one that the ledger has.
        let receipt = SignedReceipt.sign(
            exchange.receipt.receipt, seedProof: InferenceSeed(job: .zero, by: Sample.node).proof, with: Sample.node)
        court = try convicted(Exchange(request: exchange.request, answer: exchange.answer, receipt: receipt), code: 21)
        let opened = try court.open(dispute(exchange), with: Court.member, by: Sample.provider)
        #expect(opened.results[0].failure?.contains("another receipt") == true)
        // A client that did not ask for disputes has its prompt kept from the ledger.
        let silent = try bench.answer(by: bench.honest, verification: .merkle)
        court = try convicted(silent, code: 33)
        #expect(
            try court.open(dispute(silent), with: Court.member, by: Sample.provider).results[0].failure?
                .contains("did not ask") == true)
    }
}
