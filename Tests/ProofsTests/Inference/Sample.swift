import Keys
import Models
import Proofs
import Wire

/// Fixed keys and small values for the tests of answers.
enum Sample {
    static let client = key(1)
    static let provider = key(2)
    static let node = key(3)
    static let verifier = key(4)

    static func key(_ byte: UInt8) -> SigningKey { SigningKey(seed: [UInt8](repeating: byte, count: 32))! }
    static func digest(_ text: String) -> Digest { Digest(of: Array(text.utf8), domain: "test") }

    static func request(
        prompt: [TokenID] = [5, 300, 70_000], model: Digest = digest("model"), arithmetic: Arithmetic = .int8,
        sampling: SamplingParameters = SamplingParameters(temperature: 700, maximumTokens: 8, stop: [9, 3])!,
        nonce: String = "nonce", verification: VerificationMode = .merkle,
        exactNonce: Digest? = nil, client: SigningKey = client, provider: SigningKey = provider,
        node: SigningKey = node, price: UInt64 = 3
    ) -> InferenceRequest {
        InferenceRequest(
            client: AccountID(client.publicKey), provider: AccountID(provider.publicKey), node: node.publicKey,
            model: model, arithmetic: arithmetic, prompt: prompt, sampling: sampling,
            nonce: exactNonce ?? digest(nonce),
            verification: verification, pricePerToken: price, maximumPrice: price * UInt64(sampling.maximumTokens))!
    }

    static func exchange(
        request: InferenceRequest = request(), output: [TokenID] = [7, 8, 9], stop: StopReason = .stopToken,
        transcript: Digest = digest("transcript")
    ) -> Exchange {
        let answer = Answer(output: output, stop: stop)!
        let seed = InferenceSeed(job: request.id, by: node)
        let receipt = Receipt.answer(answer, to: request, transcript: transcript, seed: seed.value)
        return Exchange(
            request: SignedRequest(request, by: client), answer: answer,
            receipt: .sign(receipt, seedProof: seed.proof, with: node))
    }
}
