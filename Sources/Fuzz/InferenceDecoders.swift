import Keys
import Models
import Proofs
import Tensors
import Wire

/// What clients, providers and verifiers of answers send.
let inferenceDecoders: [Decoder] = [
    .canonical("proofs.request", [exchange.request]),
    .canonical("proofs.answer", [exchange.answer]),
    .canonical("proofs.exchange", [exchange]),
    .canonical(
        "proofs.state", [StateProof(states: digests, boundary: 2, position: 1, in: MerkleTree(leafHashes: digests))]),
    .canonical("proofs.slice", [slice]),
    .canonical("proofs.dispute", moves),
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

private let moves: [DisputeMove] = {
    let tree = MerkleTree(leafHashes: digests)
    let state = StateProof(states: digests, boundary: 2, position: 1, in: tree)
    let halves = MerkleDescent.Halves(left: digests[0], right: digests[1])
    guard let leaf = WeightLeaf(name: "blk.0.attn_q.bias", type: .float32, shape: [2], chunks: digests[0]) else {
        preconditionFailure("a tensor of two numbers")
    }
    let weights = WeightProof(
        tensor: leaf, tree: tree.root, tensorPath: tree.proof(for: 1), chunkPath: tree.proof(for: 0),
        bytes: [0, 0, 128, 63, 0, 0, 0, 64])
    return [
        .halves(halves), .boundaries(root: digests[2], halves),
        .trace(LayerTrace(input: [1, 2], path: tree.proof(for: 3), outputs: [[3, 4], [5]])),
        .context(keys: [[1, 2], [3, 4]], values: [[5, 6], [7, 8]]),
        .head(HeadTrace(state: [1, 2], proof: state, logits: [0.5, -1, 2])),
        .evidence(DisputeEvidence(weights: [weights], state: .init(numbers: [1, 2], proof: state))), .left, .right,
        .element(.attention, 7), .entry(position: 3, isValue: true, index: 1), .logit(9), .agree,
    ]
}()
