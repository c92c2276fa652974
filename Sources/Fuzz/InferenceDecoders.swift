import Keys
import Models
import Proofs
import Wire

/// What clients, providers and verifiers of answers send.
let inferenceDecoders: [Decoder] = [
    .canonical("proofs.request", [exchange.request]),
    .canonical("proofs.answer", [exchange.answer]),
    .canonical("proofs.exchange", [exchange]),
    .canonical(
        "proofs.state", [StateProof(states: digests, boundary: 2, position: 1, in: MerkleTree(leafHashes: digests))]),
    .canonical("proofs.slice", [slice]),
    .canonical("proofs.challenge", [AuditChallenge(receipt: Examples.digest(1), by: Examples.nodes[0])]),
    .canonical("keys.signed-receipt", [exchange.receipt]),
    Decoder("keys.range", seeds: [MerkleTree(leafHashes: digests).rangeProof(for: 1..<3).canonicalBytes]) {
        guard let proof = try? RangeProof(canonicalBytes: $0) else { return false }
        precondition(proof.canonicalBytes == $0, "the encoding is not the only one")
        _ = proof.root(leafHashes: Array(digests[..<2]))
        return true
    },
]

private let digests = (0..<5).map { Digest(sha256: [$0]) }

private let exchange: Exchange = {
    let node = Examples.nodes[1]
    guard let sampling = SamplingParameters(temperature: 700, topK: 40, maximumTokens: 4, stop: [2, 9]),
        let request = InferenceRequest(
            client: Examples.ids[0], provider: Examples.ids[1], node: node.publicKey, model: Examples.digest(1),
            arithmetic: .int8, prompt: [1, 300, 70_000], sampling: sampling, nonce: Examples.digest(2),
            verification: .merkle, pricePerToken: 2, maximumPrice: 8),
        let answer = Answer(output: [5, 6, 2], stop: .stopToken)
    else { preconditionFailure("the example is valid") }
    let seed = InferenceSeed(job: request.id, by: node)
    let receipt = Receipt.answer(answer, to: request, transcript: Examples.digest(3), seed: seed.value)
    return Exchange(
        request: SignedRequest(request, by: Examples.accounts[0]), answer: answer,
        receipt: .sign(receipt, seedProof: seed.proof, with: node))
}()

private let slice = SliceOpening(
    roots: Array(digests[..<2]), inputs: [[1, -2], [0.5, 3]], layerPaths: [[digests[2]], [digests[3]]],
    embeddingPaths: [[digests[4]], []], lastStates: [[2, 4]], lastPaths: [digests])
