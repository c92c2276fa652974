internal import Keys
package import Models

/// Makes the opening that a challenge asks for. A provider keeps tokens and receipts only: computing the states again gives the same bits.
package struct SliceOpener {
    private let transformer: Transformer
    private let layers: Int

    /// - Parameter layers: of the model that the transformer runs.
    package init(_ transformer: Transformer, layers: Int) {
        self.transformer = transformer
        self.layers = layers
    }

    /// - Throws: ``ModelError`` when the tokens cannot be computed.
    package func open(_ exchange: Exchange, _ draw: SliceDraw) throws(ModelError) -> SliceOpening {
        let tokens = exchange.fedTokens
        let digests = BoundaryDigests(layers: layers)
        let start = exchange.request.request.prompt.count - 1
        let inputs = StateCapture(boundaries: [draw.layer - 1], positions: 0..<tokens.count)
        let last = StateCapture(boundaries: [layers], positions: start..<tokens.count)
        try transformer.replay(tokens, observers: [digests, inputs, last])
        let trees = digests.positions.map { Transcript.boundaryTree($0) }
        let lastStates = last.states(at: layers)
        return SliceOpening(
            roots: trees.map(\.root), inputs: inputs.states(at: draw.layer - 1),
            layerPaths: trees.map { $0.rangeProof(for: draw.layer - 1..<draw.layer + 1).path },
            embeddingPaths: trees.map { $0.rangeProof(for: 0..<1).path },
            lastStates: draw.steps.map { lastStates[$0] },
            lastPaths: draw.steps.map { trees[start + $0].rangeProof(for: layers..<layers + 1).path })
    }
}
