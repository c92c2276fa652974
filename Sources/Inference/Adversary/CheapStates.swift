internal import Keys
internal import Models
internal import Proofs

/// The states of one answer as a cheater shows them: digests for every boundary that the whole model has, whatever was computed.
struct CheapStates {
    let runner: Transformer
    private let boundaries: [Range<Int>]
    private let honest: Transformer
    private let layers: Int

    /// - Parameters:
    ///   - runner: of the derived model.
    ///   - honest: of the whole one, with so many layers.
    init(_ derived: DerivedModel, runner: Transformer, honest: Transformer, layers: Int) {
        self.runner = runner
        boundaries = derived.boundaries
        self.honest = honest
        self.layers = layers
    }

    /// - Parameter stitched: a layer that is computed honestly, from false states; nil for none.
    func transcript(job: Digest, _ tokens: [TokenID], stitched: Int?) throws(ModelError) -> Transcript {
        let digests = BoundaryDigests(layers: layers)
        try replay(tokens, [digests])
        let trees = try trees(digests, of: tokens, stitched: stitched)
        return Transcript(job: job, tokens: tokens, boundaryRoots: trees.map(\.root))
    }

    /// What an honest provider would open, of these states.
    func opening(_ exchange: Exchange, _ draw: SliceDraw, stitched: Int?) throws(ModelError) -> SliceOpening {
        let tokens = exchange.fedTokens
        let start = exchange.request.request.prompt.count - 1
        let digests = BoundaryDigests(layers: layers)
        let inputs = StateCapture(boundaries: [draw.layer - 1], positions: 0..<tokens.count)
        let last = StateCapture(boundaries: [layers], positions: start..<tokens.count)
        try replay(tokens, [digests, inputs, last])
        let trees = try trees(digests, of: tokens, stitched: stitched)
        let lastStates = last.states(at: layers)
        return SliceOpening(
            roots: trees.map(\.root), inputs: inputs.states(at: draw.layer - 1),
            layerPaths: trees.map { $0.rangeProof(for: draw.layer - 1..<draw.layer + 1).path },
            embeddingPaths: trees.map { $0.rangeProof(for: 0..<1).path },
            lastStates: draw.steps.map { lastStates[$0] },
            lastPaths: draw.steps.map { trees[start + $0].rangeProof(for: layers..<layers + 1).path })
    }

    private func replay(_ tokens: [TokenID], _ observers: [any StateObserver]) throws(ModelError) {
        try runner.replay(tokens, observers: [Widening(boundaries, observers)])
    }

    private func trees(
        _ digests: BoundaryDigests, of tokens: [TokenID], stitched: Int?
    ) throws(ModelError) -> [MerkleTree] {
        guard let stitched else { return digests.positions.map { Transcript.boundaryTree($0) } }
        let inputs = StateCapture(boundaries: [stitched - 1], positions: 0..<tokens.count)
        try replay(tokens, [inputs])
        var stitchedDigests: [Digest] = []
        try honest.layer(stitched - 1, inputs: inputs.states(at: stitched - 1)) { states in
            if states.boundary == stitched { stitchedDigests += StateDigest.of(states) }
        }
        return zip(digests.positions, stitchedDigests).map { states, output in
            var states = states
            states[stitched] = output
            return Transcript.boundaryTree(states)
        }
    }
}

/// Shows each state of a model with fewer layers as often as the whole model has one.
private final class Widening: StateObserver {
    private let boundaries: [Range<Int>]
    private let observers: [any StateObserver]

    init(_ boundaries: [Range<Int>], _ observers: [any StateObserver]) {
        self.boundaries = boundaries
        self.observers = observers
    }

    func observe(piece: Int, position: Int, token: TokenID, boundary: Int, state: UnsafeBufferPointer<Float>) {
        for whole in boundaries[boundary] {
            for observer in observers {
                unsafe observer.observe(piece: piece, position: position, token: token, boundary: whole, state: state)
            }
        }
    }
}
