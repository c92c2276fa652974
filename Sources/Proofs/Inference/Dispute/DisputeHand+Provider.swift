internal import Keys
package import Models

extension DisputeHand {
    /// What a provider shows when it is to move.
    /// - Parameter weights: proves the rows of one tensor against the root of the model; nil when there is no such row.
    /// - Returns: nil when it is not to move, or has not what it needs.
    /// - Throws: ``ModelError``, for one when weights cannot be read now.
    package func show(
        in dispute: DisputeMachine, weights: (_ tensor: String, _ row: Int) throws(ModelError) -> WeightProof?
    ) throws(ModelError) -> DisputeMove? {
        switch dispute.phase {
        case .showNode(let descent): return .halves(halves(of: descent, in: tree))
        case .showBoundaries(let position, _):
            let tree = boundaries(position)
            let descent = MerkleDescent(root: tree.root, leaves: tree.count)
            return .boundaries(root: tree.root, halves(of: descent, in: tree))
        case .showBoundary(let position, _, let descent): return .halves(halves(of: descent, in: boundaries(position)))
        case .showLayer(let position, let layer, _, _):
            let vectors = try vectors(layer: layer, position: position)
            return .trace(
                LayerTrace(
                    input: vectors.input, path: boundaries(position).proof(for: layer - 1),
                    outputs: layout.operators.map { vectors($0) }))
        case .showContext(let question, let element):
            let head = element / layout.shape.headWidth / layout.shape.group
            let context = try context(layer: question.layer, position: question.position, head: head)
            return .context(keys: context.keys, values: context.values)
        case .showHead(let step):
            let position = tokens.count - dispute.statement.output.count + step
            let (state, logits) = try head(position: position)
            return .head(
                HeadTrace(
                    state: state, proof: proof(boundary: layout.shape.layers, position: position), logits: logits))
        case .prove(let question): return try evidence(question, weights)
        default: return nil
        }
    }

    private func halves(of descent: MerkleDescent, in tree: MerkleTree) -> MerkleDescent.Halves {
        MerkleDescent.Halves(left: tree.root(of: descent.leftRange), right: tree.root(of: descent.rightRange))
    }

    private func evidence(
        _ question: DisputeMachine.Question,
        _ weights: (_ tensor: String, _ row: Int) throws(ModelError) -> WeightProof?
    ) throws(ModelError) -> DisputeMove? {
        var proofs: [WeightProof] = []
        for (tensor, row) in needs(question) {
            guard let proof = try weights(tensor, row) else { return nil }
            if !proofs.contains(proof) { proofs.append(proof) }
        }
        guard case .entry(let layer, let position, _, _, _, _) = question else {
            return .evidence(DisputeEvidence(weights: proofs))
        }
        let numbers = try states(at: layer - 1, to: position)[position]
        let state = DisputeEvidence.State(numbers: numbers, proof: proof(boundary: layer - 1, position: position))
        return .evidence(DisputeEvidence(weights: proofs, state: state))
    }

    /// The rows of weights that decide a question.
    private func needs(_ question: DisputeMachine.Question) -> [(tensor: String, row: Int)] {
        switch question {
        case .embedding(let position, _): return [("token_embd.weight", Int(tokens[position]))]
        case .element(let layer, let part, let index):
            return LayerArithmetic(layout: layout, arithmetic: transformer.arithmetic, layer: layer.layer)
                .needs(part, index)
        case .entry(let layer, _, let head, let isValue, let index, _):
            return LayerArithmetic(layout: layout, arithmetic: transformer.arithmetic, layer: layer)
                .needs(isValue: isValue, head: head, index: index)
        case .logit(_, let token): return [("output_norm.weight", 0), (layout.outputMatrix, Int(token))]
        }
    }
}
