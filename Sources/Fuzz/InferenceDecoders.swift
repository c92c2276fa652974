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
    .canonical("proofs.slice", [Examples.slice]),
    .canonical("proofs.dispute", moves),
    .canonical("proofs.dispute-case", cases),
    // What a ledger's referee does with the opening of a stranger.
    Decoder("proofs.dispute-case.examine", seeds: cases.map(\.canonicalBytes)) {
        guard let dispute = try? DisputeCase(canonicalBytes: $0) else { return false }
        _ = try? dispute.examine(limit: DisputeSize(move: 1 << 20, state: 1 << 20))
        return true
    },
    // What a node reads of a dispute in the ledger's state, and what the ledger makes of a stranger's move in it.
    .canonical("proofs.conducted-dispute", conducted),
    Decoder("proofs.conducted-dispute.step", seeds: moves.map(\.canonicalBytes)) { bytes in
        guard let move = try? DisputeMove(canonicalBytes: bytes) else { return false }
        for dispute in conducted {
            for side in [DisputeSide.provider, .challenger] {
                var machine = dispute.machine
                _ = machine.step(.move(side, move), at: 5)
                let next = ConductedDispute(dispute: dispute.dispute, machine: machine)
                let again = try? ConductedDispute(canonicalBytes: next.canonicalBytes)
                precondition(again?.canonicalBytes == next.canonicalBytes, "a state that cannot be read")
            }
        }
        return true
    },
    // What the ledger makes of a state that a member shows.
    .canonical("proofs.shown-state", [shownState]),
    Decoder("proofs.shown-state.witness", seeds: [shownState.canonicalBytes]) {
        guard let state = try? ShownState(canonicalBytes: $0) else { return false }
        _ = state.witness(seed: .zero, receipt: exchange.receipt.receipt)
        return true
    },
    .canonical("models.description", [description]),
    .canonical("proofs.challenge", [AuditChallenge(receipt: Examples.digest(1), by: Examples.nodes[0])]),
    .canonical("keys.signed-receipt", [exchange.receipt]),
    // What a client makes of the end of an answer: the receipt that was signed, or none.
    Decoder("proofs.receipt-seal", seeds: [ReceiptSeal(of: exchange.receipt).canonicalBytes]) {
        guard let seal = try? ReceiptSeal(canonicalBytes: $0) else { return false }
        precondition(seal.canonicalBytes == $0, "the encoding is not the only one")
        let receipt = seal.receipt(for: exchange.answer, to: exchange.request.request, seed: seed)
        precondition(receipt == nil || receipt == exchange.receipt, "a receipt that nobody signed")
        return true
    },
    Decoder("keys.range", seeds: [MerkleTree(leafHashes: digests).rangeProof(for: 1..<3).canonicalBytes]) {
        guard let proof = try? RangeProof(canonicalBytes: $0) else { return false }
        precondition(proof.canonicalBytes == $0, "the encoding is not the only one")
        _ = proof.root(leafHashes: Array(digests[..<2]))
        return true
    },
]

private let digests = (0..<5).map { Digest(sha256: [$0]) }
private let exchange = Examples.exchange
private let seed = InferenceSeed(job: exchange.request.request.id, by: Examples.nodes[1])

private let description: ModelDescription = {
    let metadata = GGUFMetadata(
        [
            "general.architecture": .text(Array("llama".utf8)), "llama.attention.head_count": .integer(2),
            "llama.attention.layer_norm_rms_epsilon": .real(0.00001), "llama.block_count": .integer(2),
            "llama.context_length": .integer(64), "llama.embedding_length": .integer(32),
            "llama.feed_forward_length": .integer(32),
        ], path: "the example")
    guard let pairs = try? metadata.architecturePairs,
        let leaf = WeightLeaf(name: "token_embd.weight", type: .float32, shape: [32, 70_001], chunks: digests[0]),
        let identity = ModelIdentity(
            architecture: GGUFMetadata.digest(ofPairs: pairs), tokenizer: digests[1], chatTemplate: digests[2],
            tensors: [leaf])
    else { preconditionFailure("a model of one tensor") }
    precondition((try? GGUFMetadata(pairs: pairs, name: "the example").values) == metadata.values)
    return ModelDescription(architecture: pairs, identity: identity, ropeFactors: nil)
}()

private let cases = [DisputeStatement.Claim.transcript, .token(step: 2), .unnamed].map {
    DisputeCase(claim: $0, exchange: Examples.answer(of: description.identity.root, .fraud), model: description)
}

/// Each case at its beginning, and one that the challenger has got the turn in.
private let conducted: [ConductedDispute] = cases.flatMap { dispute -> [ConductedDispute] in
    guard case .statement(let statement)? = try? dispute.examine(limit: DisputeSize(move: 1 << 24, state: 1 << 24))
    else {
        preconditionFailure("the example can be disputed")
    }
    let machine = DisputeMachine(statement, budget: 9, at: 1)
    var moved = machine
    for move in moves where moved.turn == .provider {
        var next = moved
        _ = next.step(.move(.provider, move), at: 2)
        if next.outcome == nil { moved = next }
    }
    return [machine, moved].map { ConductedDispute(dispute: dispute, machine: $0) }
}

private let shownState = ShownState(
    model: description, arithmetic: .int8, sampling: exchange.request.request.sampling, token: 7,
    numbers: [1, -2.5],
    proof: StateProof(states: digests, boundary: 2, position: 1, in: MerkleTree(leafHashes: digests)))

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
        .claim(.token(step: 1)),
    ]
}()
