import Keys
import Ledger
import Models
import Node
import Proofs
import Testing
import Wire

/// The states that audits ask for, of answers of a small model, as the ledger reads them.
@Suite struct LedgerWitnessTests {
    private let bench: CourtModel

    init() throws { bench = try CourtModel() }

    private func shown(_ exchange: Exchange, _ seed: Digest, by transformer: Transformer) throws -> ShownState {
        try bench.hand(exchange, transformer).shownState(
            seed: seed, receipt: exchange.receipt.receipt, request: exchange.request.request, model: bench.description)
    }

    @Test(
        "the ledger finds in a state that is shown the value that a member's check has found, wherever the audit has drawn it"
    )
    func values() throws {
        let exchange = try bench.answer(by: bench.honest)
        let receipt = exchange.receipt.receipt
        let verifier = AnswerVerifier(bench.honest, rules: TinyModel.rules)
        for number in 0..<24 as Range<UInt64> {
            let seed = Digest(of: number.canonicalBytes, domain: "test seed")
            let bytes = try shown(exchange, seed, by: bench.honest).canonicalBytes
            let value = try LedgerReferee().witness(bytes, seed: seed, receipt: receipt)
            #expect(value == verifier.check(exchange, auditSeed: seed).witness)
            // Another audit has another value, and draws another place more often than not.
            let other = try? LedgerReferee().witness(bytes, seed: .zero, receipt: receipt)
            #expect(other != value)
        }
    }

    @Test("with any bit of it changed, or of another computation, it is no state of the answer")
    func changes() throws {
        let exchange = try bench.answer(by: bench.honest)
        let receipt = exchange.receipt.receipt
        let seed = Digest(of: [1], domain: "test seed")
        let state = try shown(exchange, seed, by: bench.honest)
        let bytes = state.canonicalBytes
        for bit in stride(from: 0, to: bytes.count * 8, by: 13) {
            #expect(throws: DisputeRefusal.self, "bit \(bit)") {
                try LedgerReferee().witness(bytes.flipping(bit: bit), seed: seed, receipt: receipt)
            }
        }
        let other = try shown(exchange, seed, by: try TinyModel.transformer(TinyModel.tensors(seed: 2)))
        #expect(other.witness(seed: seed, receipt: receipt) == nil)
        // Whatever is not a number has one digest, and many forms.
        var numbers = state.numbers
        numbers[0] = .nan
        let strange = ShownState(
            model: state.model, arithmetic: state.arithmetic, sampling: state.sampling, token: state.token,
            numbers: numbers, proof: state.proof)
        #expect(strange.witness(seed: seed, receipt: receipt) == nil)
        #expect(throws: DisputeRefusal.self) { try LedgerReferee().witness([], seed: seed, receipt: receipt) }
    }
}
