internal import Keys
internal import Models

extension AnswerVerifier {
    /// The layer audit: one drawn layer over all positions, the embeddings, and the choice of the token at the drawn steps.
    ///
    /// A model that differs from ours differs in every layer, so one audit finds it. One layer that was replaced, or a transcript
    /// stitched together from two computations, is wrong in one layer only and is found with probability 1 ÷ layers by each
    /// verifier; the full check finds it always.
    /// - Parameter draw: of this verifier's own challenge.
    package func check(_ exchange: Exchange, opening: SliceOpening, draw: SliceDraw) -> Outcome {
        if let inability = inability(for: exchange.request.request) { return .unable(inability) }
        if let fault = exchange.fault(under: rules) { return .faulty(fault) }
        guard isWellFormed(opening, of: exchange, draw) else { return .faulty(.opening) }
        do throws(ModelError) {
            if let fault = try wrongEmbedding(exchange, opening) { return .faulty(fault) }
            if let fault = try wrongLayer(opening, draw) { return .faulty(fault) }
            let fault = try wrongToken(exchange, steps: draw.steps, states: opening.lastStates)
            return fault.map { .faulty($0) } ?? .correct
        } catch {
            return outcome(of: error)
        }
    }

    /// Whether all that can be checked against the root without computing anything is right.
    private func isWellFormed(_ opening: SliceOpening, of exchange: Exchange, _ draw: SliceDraw) -> Bool {
        let tokens = exchange.fedTokens
        let claim = exchange.receipt.receipt
        let width = transformer.model.shape.width
        guard (1...rules.layers).contains(draw.layer), opening.roots.count == tokens.count,
            opening.inputs.count == tokens.count, opening.layerPaths.count == tokens.count,
            opening.embeddingPaths.count == tokens.count, opening.lastStates.count == draw.steps.count,
            opening.lastPaths.count == draw.steps.count,
            (opening.inputs + opening.lastStates).allSatisfy({ $0.count == width && $0.allSatisfy(\.isFinite) }),
            Transcript(job: claim.job, tokens: tokens, boundaryRoots: opening.roots).root == claim.checkpoints
        else { return false }
        let start = exchange.request.request.prompt.count - 1
        let last = StateDigest.of(all: opening.lastStates)
        return draw.steps.indices.allSatisfy { index in
            root(of: [last[index]], at: rules.layers, path: opening.lastPaths[index])
                == opening.roots[start + draw.steps[index]]
        }
    }

    private func wrongEmbedding(_ exchange: Exchange, _ opening: SliceOpening) throws(ModelError) -> InferenceFault? {
        var digests: [Digest] = []
        try transformer.embeddings(of: exchange.fedTokens) { digests += StateDigest.of($0) }
        for (position, digest) in digests.enumerated()
        where root(of: [digest], at: 0, path: opening.embeddingPaths[position]) != opening.roots[position] {
            return .embedding(position: position)
        }
        return nil
    }

    private func wrongLayer(_ opening: SliceOpening, _ draw: SliceDraw) throws(ModelError) -> InferenceFault? {
        var (inputs, outputs): ([Digest], [Digest]) = ([], [])
        do throws(ModelError) {
            try transformer.layer(draw.layer - 1, inputs: opening.inputs) { states in
                if states.boundary == draw.layer {
                    outputs += StateDigest.of(states)
                } else {
                    inputs += StateDigest.of(states)
                }
            }
        } catch {
            // Finite states that were committed to, and the layer has no finite result: no honest provider has one either.
            guard case .notFinite(_, let position) = error else { throw error }
            return .layer(draw.layer, position: position)
        }
        for (position, pair) in zip(inputs, outputs).enumerated() {
            let path = opening.layerPaths[position]
            if root(of: [pair.0, pair.1], at: draw.layer - 1, path: path) != opening.roots[position] {
                return .layer(draw.layer, position: position)
            }
        }
        return nil
    }

    /// The root over the boundaries of a position that has these states from boundary `start` on.
    private func root(of states: [Digest], at start: Int, path: [Digest]) -> Digest? {
        RangeProof(
            start: UInt32(start), end: UInt32(start + states.count), total: UInt32(rules.layers + 1), path: path
        ).root(leafHashes: states)
    }
}
