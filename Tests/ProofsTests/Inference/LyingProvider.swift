import Keys
import Models
import Proofs
import Testing

/// A provider that changed one number of one operator and computed the rest of the layer from it; its transcript commits to that.
struct LyingProvider {
    let exchange: Exchange
    private let hand: DisputeHand
    private let digests: [[Digest]]
    private let tree: MerkleTree
    private let trace: LayerArithmetic.Vectors
    private let entry: (position: Int, isValue: Bool, index: Int)?

    /// - Parameter entry: a key or value of an earlier position that is changed, so that attention changes with it.
    init(
        _ hand: DisputeHand, _ honest: Exchange, layer: Int, position: Int, altering part: LayerOperator,
        entry: (position: Int, isValue: Bool, index: Int)? = nil
    ) throws {
        let rows = FileRows(try hand.transformer.model.weightTree)
        let arithmetic = LayerArithmetic(layout: hand.layout, arithmetic: hand.transformer.arithmetic, layer: layer)
        let states = StateCapture(boundaries: [layer - 1], positions: 0..<position + 1)
        try hand.transformer.replay(Array(hand.tokens[...position]), observers: [states])
        var vectors = LayerArithmetic.Vectors(input: states.states(at: layer - 1)[position])
        for operation in hand.layout.operators {
            var output: [Float] = []
            for index in 0..<operation.width(hand.layout.shape) {
                let context =
                    operation == .attention
                    ? try Self.context(
                        arithmetic, rows, states.states(at: layer - 1), arithmetic.keyHead(ofElement: index), vectors,
                        entry) : nil
                output.append(
                    try #require(
                        arithmetic.element(
                            index, of: operation, position: position, vectors, rows, context: context)))
            }
            if operation == part, entry == nil { output[11] += 0.5 }
            vectors.outputs[operation] = output
        }
        trace = vectors
        var digests = hand.digests
        digests[position][layer] = StateDigest.of(vectors.outputs[.output] ?? [])
        let request = honest.request.request
        let transcript = Transcript(
            job: request.id, tokens: hand.tokens, boundaryRoots: digests.map { Transcript.boundaryTree($0).root })
        exchange = Exchange.signed(
            request, output: honest.answer.output, stop: honest.answer.stop, transcript: transcript.root)
        self.digests = digests
        self.hand = hand
        self.entry = entry
        tree = transcript.tree
    }

    private static func context(
        _ arithmetic: LayerArithmetic, _ rows: FileRows, _ states: [[Float]], _ head: Int,
        _ vectors: LayerArithmetic.Vectors, _ entry: (position: Int, isValue: Bool, index: Int)?
    ) throws -> LayerArithmetic.Context {
        var (keys, values): ([[Float]], [[Float]]) = ([], [])
        for (position, state) in states.enumerated() {
            let pair = try #require(arithmetic.keyAndValue(head: head, from: state, position: position, rows))
            keys.append(pair.key)
            values.append(pair.value)
        }
        // Its own key and value are the ones it has changed.
        let own = head * keys[0].count..<(head + 1) * keys[0].count
        keys[states.count - 1] = Array((vectors.outputs[.rotatedKey] ?? [])[own])
        values[states.count - 1] = Array((vectors.outputs[.value] ?? [])[own])
        if let entry, head == 1 {
            if entry.isValue {
                values[entry.position][entry.index] += 1
            } else {
                keys[entry.position][entry.index] += 1
            }
        }
        return LayerArithmetic.Context(keys: keys, values: values)
    }

    func show(in dispute: DisputeMachine, weights: (String, Int) -> WeightProof?) throws -> DisputeMove? {
        func halves(_ tree: MerkleTree, _ descent: MerkleDescent) -> MerkleDescent.Halves {
            .init(left: tree.root(of: descent.leftRange), right: tree.root(of: descent.rightRange))
        }
        switch dispute.phase {
        case .showNode(let descent): return .halves(halves(tree, descent))
        case .showBoundaries(let position, _):
            let tree = Transcript.boundaryTree(digests[position])
            return .boundaries(root: tree.root, halves(tree, MerkleDescent(root: tree.root, leaves: tree.count)))
        case .showBoundary(let position, _, let descent):
            return .halves(halves(Transcript.boundaryTree(digests[position]), descent))
        case .showLayer(let position, let layer, _, _):
            return .trace(
                LayerTrace(
                    input: trace.input, path: Transcript.boundaryTree(digests[position]).proof(for: layer - 1),
                    outputs: hand.layout.operators.map { trace.outputs[$0] ?? [] }))
        case .showContext:
            guard case .context(var keys, var values) = try hand.show(in: dispute, weights: weights) else { return nil }
            if let entry {
                if entry.isValue {
                    values[entry.position][entry.index] += 1
                } else {
                    keys[entry.position][entry.index] += 1
                }
            }
            return .context(keys: keys, values: values)
        default:
            let move = try hand.show(in: dispute, weights: weights)
            // A state of the position that was changed is at another place of this tree than of the honest one.
            guard case .evidence(let evidence) = move, let state = evidence.state,
                case .prove(.entry(let layer, let position, _, _, _, _)) = dispute.phase
            else { return move }
            let proof = StateProof(states: digests[position], boundary: layer - 1, position: position, in: tree)
            return .evidence(
                DisputeEvidence(weights: evidence.weights, state: .init(numbers: state.numbers, proof: proof)))
        }
    }
}
