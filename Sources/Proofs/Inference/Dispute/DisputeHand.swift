package import Keys
package import Models
internal import Tensors

/// What a side of a dispute knows of its own: every digest of its computation of the tokens, and the means to compute any part again.
package final class DisputeHand {
    package let transformer: Transformer
    package let layout: ModelLayout
    package let tokens: [TokenID]
    /// Digests by position, by boundary.
    package let digests: [[Digest]]
    /// The tree over the leaves.
    package let tree: MerkleTree
    private let rows: any WeightRows

    /// No move then: what a side says without its weights is wrong.
    private static let missingRows = ModelError.inputMismatch(
        "rows of weights cannot be read: the model's file was changed, or is that of another model")

    /// Computes the tokens in one pass.
    /// - Parameters:
    ///   - job: id of the request.
    ///   - tokens: fed, from position 0.
    ///   - rows: the weights of the model that the transformer runs.
    ///   - digests: of a hand that was made before, which saves the pass.
    package init(
        job: Digest, tokens: [TokenID], transformer: Transformer, layout: ModelLayout, rows: any WeightRows,
        digests known: [[Digest]]? = nil
    ) throws(ModelError) {
        let digests = BoundaryDigests(layers: layout.shape.layers)
        if known == nil { try transformer.replay(tokens, observers: [digests]) }
        self.digests = known ?? digests.positions
        self.transformer = transformer
        self.layout = layout
        self.tokens = tokens
        self.rows = rows
        let roots = self.digests.map { Transcript.boundaryTree($0).root }
        tree = Transcript(job: job, tokens: tokens, boundaryRoots: roots).tree
    }

    /// What to say is wrong about an exchange in which a check has found a fault. The states come first: tokens that follow from wrong states
    /// are no fault of their own.
    /// - Returns: nil when a dispute is no way to show this fault: then the provider's own signatures do, or only whoever has the tokeniser
    ///   sees it.
    package func claim(about receipt: Receipt, _ fault: InferenceFault) -> DisputeStatement.Claim? {
        if fault == .transcript || tree.root != receipt.checkpoints { return .transcript }
        if case .token(let step, _) = fault { return .token(step: step) }
        return nil
    }

    /// The tree over the boundaries of one position.
    func boundaries(_ position: Int) -> MerkleTree { Transcript.boundaryTree(digests[position]) }

    /// The states at one boundary of the positions up to `position`.
    func states(at boundary: Int, to position: Int) throws(ModelError) -> [[Float]] {
        let capture = StateCapture(boundaries: [boundary], positions: 0..<position + 1)
        try transformer.replay(Array(tokens[...position]), observers: [capture])
        return capture.states(at: boundary)
    }

    /// All operators of `layer` at `position`.
    func vectors(layer: Int, position: Int) throws(ModelError) -> LayerArithmetic.Vectors {
        let arithmetic = LayerArithmetic(layout: layout, arithmetic: transformer.arithmetic, layer: layer)
        let states = try states(at: layer - 1, to: position)
        let vectors = arithmetic.vectors(from: states[position], position: position, rows) { _ in
            let contexts = (0..<layout.shape.keyValueHeads).compactMap { context(arithmetic, head: $0, states) }
            return contexts.count == layout.shape.keyValueHeads ? contexts : nil
        }
        guard let vectors else { throw Self.missingRows }
        return vectors
    }

    /// Keys and values of one head at the positions up to `position`.
    func context(layer: Int, position: Int, head: Int) throws(ModelError) -> LayerArithmetic.Context {
        let arithmetic = LayerArithmetic(layout: layout, arithmetic: transformer.arithmetic, layer: layer)
        guard let context = context(arithmetic, head: head, try states(at: layer - 1, to: position)) else {
            throw Self.missingRows
        }
        return context
    }

    /// - Returns: nil when a row of weights cannot be read.
    private func context(_ arithmetic: LayerArithmetic, head: Int, _ states: [[Float]]) -> LayerArithmetic.Context? {
        var pairs: [(key: [Float], value: [Float])] = []
        for (position, state) in states.enumerated() {
            guard let pair = arithmetic.keyAndValue(head: head, from: state, position: position, rows) else {
                return nil
            }
            pairs.append(pair)
        }
        return LayerArithmetic.Context(keys: pairs.map(\.key), values: pairs.map(\.value))
    }

    /// The logits that choose the token after `position`, and the state they come from.
    func head(position: Int) throws(ModelError) -> (state: [Float], logits: [Float]) {
        let state = try states(at: layout.shape.layers, to: position)[position]
        return (state, try transformer.logits(of: [state])[0])
    }

    /// Where a state of this computation is in its transcript.
    func proof(boundary: Int, position: Int) -> StateProof {
        StateProof(states: digests[position], boundary: boundary, position: position, in: tree)
    }
}
