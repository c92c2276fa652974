import Keys
import Ledger
import Models
import Node
import Proofs
import Testing
import Wire

/// Appeals about answers of a small model: a member of a committee in the place of the provider.
@Suite struct LedgerAppealTests {
    private let bench: CourtModel

    init() throws { bench = try CourtModel() }

    private func stake(_ court: Court, _ account: AccountID) -> Amount { court.state.account(account)?.stake ?? .zero }

    @Test(
        "who confirms with another engine what another engine has answered loses by one number, alone; then the provider does"
    )
    func wrongEngine() throws {
        let other = try TinyModel.transformer(TinyModel.tensors(seed: 2))
        // A client may appeal whatever it had asked for.
        let exchange = try bench.answer(by: other, verification: .merkle)
        let dispute = DisputeCase(claim: .transcript, exchange: exchange, model: bench.description)
        var court = try Court()
        #expect(try court.open(dispute).results[0].failure?.contains("did not ask") == true)
        try court.audit(exchange) { .correct($0) }
        let id = exchange.receipt.answer
        let before = stake(court, Court.member)
        for defender in [Court.member, nil] {
            #expect(try court.open(dispute, with: defender).results[0].failure == nil)
            let (own, challenger) = (try bench.hand(exchange, other), try bench.hand(exchange, bench.honest))
            let end = try court.play(
                id, provider: { try own.show(in: $0, weights: bench.weights) },
                challenger: { try challenger.reply(in: $0) })
            #expect(
                end.winner == .challenger && end.reason == .recomputed && end.defender == defender ?? Court.provider)
            #expect(before.subtracting(stake(court, Court.member)) == Amount(fig: 1))
            #expect((bench.slashed(court) > 0) == (defender == nil))
        }
        #expect(court.state.answer(id) == .closed(.faulty))
    }

    @Test("a member that has computed what it says wins against its client, from any first claim")
    func honestMember() throws {
        for claim in [DisputeStatement.Claim.transcript, .token(step: 4)] {
            let exchange = try bench.answer(by: bench.honest)
            let dispute = DisputeCase(claim: claim, exchange: exchange, model: bench.description)
            var court = try Court()
            try court.audit(exchange) { .correct($0) }
            let before = stake(court, Court.member)
            #expect(try court.open(dispute, with: Court.member).results[0].failure == nil)
            let own = try bench.hand(exchange, bench.honest)
            let end = try court.play(
                exchange.receipt.answer, provider: { try own.show(in: $0, weights: bench.weights) },
                challenger: { machine in
                    switch machine.phase {
                    case .pointAtNode, .pointAtBoundary: .right
                    case .pointAtElement: .element(.down, 7)
                    default: .agree
                    }
                })
            #expect(end.winner == .defender && end.reason == .recomputed && end.defender == Court.member)
            #expect(stake(court, Court.member) == before && bench.slashed(court) == 0)
            #expect(court.state.answer(exchange.receipt.answer) == .closed(.upheld))
        }
    }

    @Test("the ledger reads a plant out of the request; any bit of the request or the salt is another request or none")
    func plants() throws {
        let salt = Digest(sha256: [4])
        let nonce = PlantedFault.nonce(of: Court.client, salt: salt)
        let exchange = try bench.answer(by: try TinyModel.transformer(TinyModel.tensors(seed: 2)), nonce: nonce)
        var court = try Court()
        try court.audit(exchange) { .faulty(AnswerFault(code: 33, step: 0), $0) }
        let plant = PlantedFault(
            answer: exchange.receipt.answer, request: exchange.request.request.canonicalBytes, salt: salt)
        for bit in stride(from: 0, to: plant.request.count * 8, by: 37) {
            var copy = court
            let changed = PlantedFault(answer: plant.answer, request: plant.request.flipping(bit: bit), salt: salt)
            #expect(try copy.block(.plead(changed), by: Sample.client).results[0].failure != nil, "bit \(bit)")
        }
        var late = court
        for _ in 0..<4 { try late.block() }
        guard case .open(let open)? = late.state.answer(plant.answer) else { throw Court.Silence() }
        #expect(open.conviction != nil && bench.slashed(late) > 0)
        #expect(try court.block(.plead(plant), by: Sample.client).results[0].failure == nil)
        #expect(court.state.answer(plant.answer) == .closed(.planted) && bench.slashed(court) == 0)
    }
}
