import Keys
import Ledger
import Models
import Node
import Proofs
import Testing
import Wire

/// Disputes about answers of a small model, conducted by the ledger with transactions.
@Suite struct LedgerDisputeTests {
    private let bench: CourtModel

    init() throws { bench = try CourtModel() }

    @Test(
        "a dispute over 200 tokens ends by the recomputation of one number within the bound of rounds, and a move stays below a megabyte"
    )
    func twoHundredTokens() throws {
        let cheat = try TinyModel.transformer(TinyModel.tensors(seed: 2))
        let exchange = try bench.answer(by: cheat, prompt: [5], length: 200)
        var (court, id) = try bench.court(exchange)
        let (provider, challenger) = (try bench.hand(exchange, cheat), try bench.hand(exchange, bench.honest))
        let end = try court.play(
            id, provider: { try provider.show(in: $0, weights: bench.weights) },
            challenger: { try challenger.reply(in: $0) })
        #expect(end.winner == .challenger && end.reason == .recomputed)
        // ⌈log₂ 200⌉ + ⌈log₂(3 layers · 15 operators)⌉ replies, and as many moves of the provider and one.
        #expect(exchange.fedTokens.count == 200 && end.moves <= 2 * (8 + 6) + 1)
        #expect(court.largestMove < 1_000_000 && court.largestState < 1 << 20)
        #expect(bench.slashed(court) == end.loss.seeds && end.loss > .zero)
        #expect(court.state.answer(id) == .closed(.faulty))
    }

    @Test(
        "one operator that was changed loses on the ledger, and the other way round its client loses the bond",
        arguments: [LayerOperator.down, .attention, .rotatedKey, .middle])
    func operators(part: LayerOperator) throws {
        let exchange = try bench.answer(by: bench.honest)
        let liar = try LyingProvider(
            try bench.hand(exchange, bench.honest), exchange, layer: 2, position: 6, altering: part)
        var (court, id) = try bench.court(liar.exchange)
        let challenger = try bench.hand(liar.exchange, bench.honest)
        let end = try court.play(
            id, provider: { try liar.show(in: $0, weights: bench.weights) },
            challenger: { try challenger.reply(in: $0) })
        #expect(end.winner == .challenger && end.reason == .recomputed)
        var (defence, own) = try bench.court(exchange)
        let defender = try bench.hand(exchange, bench.honest)
        let groundless = try defence.play(
            own, provider: { try defender.show(in: $0, weights: bench.weights) },
            challenger: { machine in
                switch machine.phase {
                case .pointAtNode, .pointAtBoundary: .right
                case .pointAtElement: .element(part, 7)
                case .pointAtEntry: .agree
                default: nil
                }
            })
        #expect(groundless.winner == .defender && groundless.reason == .recomputed && bench.slashed(defence) == 0)
        #expect(defence.state.answer(own) == .closed(.upheld))
    }

    @Test("a token that the model does not choose loses; the states are claimed wrong before a token is")
    func tokens() throws {
        let laundered = try bench.answer(by: bench.honest) { $0 == 5 ? ($1 == 60 ? 61 : 60) : $1 }
        let own = try bench.hand(laundered, bench.honest)
        let fault = try #require(AnswerVerifier(bench.honest, rules: TinyModel.rules).check(laundered).fault)
        #expect(own.claim(about: laundered.receipt.receipt, fault) == .token(step: 5))
        var (court, id) = try bench.court(laundered, .token(step: 5))
        let end = try court.play(
            id, provider: { try own.show(in: $0, weights: bench.weights) }, challenger: { try own.reply(in: $0) })
        #expect(end.winner == .challenger && end.moves == 2)
        // Tokens of another model follow from its states: there the token alone would be lost.
        let cheat = try TinyModel.transformer(TinyModel.tensors(seed: 2))
        let other = try bench.answer(by: cheat)
        let wrong = try #require(AnswerVerifier(bench.honest, rules: TinyModel.rules).check(other).fault)
        #expect(try bench.hand(other, bench.honest).claim(about: other.receipt.receipt, wrong) == .transcript)
        #expect(own.claim(about: laundered.receipt.receipt, .stop) == nil)
    }
}

extension AnswerVerifier.Finding {
    fileprivate var fault: InferenceFault? {
        if case .faulty(let fault) = outcome { fault } else { nil }
    }
}
