import Keys
import Models
import Proofs

extension Examples {
    static let exchange = answer(of: digest(1), .merkle)

    static func answer(of model: Digest, _ mode: VerificationMode) -> Exchange {
        let node = nodes[1]
        guard let sampling = SamplingParameters(temperature: 700, topK: 40, maximumTokens: 4, stop: [2, 9]),
            let request = InferenceRequest(
                client: ids[0], provider: ids[1], node: node.publicKey, model: model, arithmetic: .int8,
                prompt: [1, 300, 70_000], sampling: sampling, nonce: digest(2), verification: mode,
                pricePerToken: 2, maximumPrice: 8),
            let answer = Answer(output: [5, 6, 2], stop: .stopToken)
        else { preconditionFailure("the example is valid") }
        let seed = InferenceSeed(job: request.id, by: node)
        let receipt = Receipt.answer(answer, to: request, transcript: digest(3), seed: seed.value)
        return Exchange(
            request: SignedRequest(request, by: accounts[0]), answer: answer,
            receipt: .sign(receipt, seedProof: seed.proof, with: node))
    }

    static let slice: SliceOpening = {
        let digests = (0..<5).map { digest($0) }
        return SliceOpening(
            roots: Array(digests[..<2]), inputs: [[1, -2], [0.5, 3]], layerPaths: [[digests[2]], [digests[3]]],
            embeddingPaths: [[digests[4]], []], lastStates: [[2, 4]], lastPaths: [digests])
    }()
}
