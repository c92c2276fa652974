import Inference
import Keys
import Ledger
import Models
import Proofs

extension Exchange {
    /// The answer of ``FakeEngine`` to a request of account 0 to account 1, `distort`ed where a provider lies.
    static func fake(
        nonce: UInt64 = 0, price: UInt64 = 0, isPlanted: Bool = false, distort: (inout [TokenID]) -> Void = { _ in }
    ) -> Exchange {
        let plain = InferenceTests.request(price: price, nonce: nonce)
        let planted = PlantedFault.nonce(of: account(0), salt: plantedSalt)
        let request = isPlanted ? plain.with(nonce: planted) : plain
        let seed = InferenceSeed(job: request.id, by: key(1))
        var output = FakeEngine.answer(to: GenerationOrder(request: request, seed: seed.value))
        distort(&output)
        let answer = Answer(output: output, stop: .length)!
        let receipt = Receipt.answer(
            answer, to: request, transcript: FakeEngine.transcript(request, output), seed: seed.value)
        return Exchange(
            request: SignedRequest(request, by: accountKey(0)), answer: answer,
            receipt: .sign(receipt, seedProof: seed.proof, with: key(1)))
    }

    static let plantedSalt = Digest(sha256: [77])

    /// Whether it is what ``FakeEngine`` answers.
    var isRight: Bool {
        let order = GenerationOrder(request: request.request, seed: receipt.receipt.seed)
        return answer.output == FakeEngine.answer(to: order)
    }

    var record: AnswerRecord { AnswerRecord(self) }

    /// What every honest member finds in an audit with this seed.
    func finding(in audit: Digest) -> AuditFinding {
        let request = request.request
        let right = FakeEngine.answer(to: GenerationOrder(request: request, seed: receipt.receipt.seed))
        let recomputation = AuditFinding.Recomputation(
            value: Digest(of: audit.bytes + job.bytes, domain: "fake value"),
            price: Amount(seeds: price))
        guard let wrong = zip(right, answer.output).enumerated().first(where: { $1.0 != $1.1 }) else {
            return .correct(recomputation)
        }
        let fault = InferenceFault.token(step: wrong.offset, expected: wrong.element.0)
        return .faulty(AnswerFault(code: fault.code, step: fault.place), recomputation)
    }
}
