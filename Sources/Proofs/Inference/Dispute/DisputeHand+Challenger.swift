internal import Keys
package import Models

extension DisputeHand {
    /// What a challenger says when it is to move: where the first difference is.
    /// - Returns: nil when nothing that was shown differs from its own computation, i.e. it was wrong, or it is not to move.
    package func reply(in dispute: DisputeMachine) throws(ModelError) -> DisputeMove? {
        switch dispute.phase {
        case .nameFault: return try claim(about: dispute.statement).map { .claim($0) }
        case .pointAtNode(let descent): return side(of: descent, in: tree)
        case .pointAtBoundary(let position, _, let descent): return side(of: descent, in: boundaries(position))
        case .pointAtElement(let question): return try element(question)
        case .pointAtEntry(let question, let element, let context): return try entry(question, element, context)
        case .pointAtLogit(let step, let head):
            let position = tokens.count - dispute.statement.output.count + step
            let own = try self.head(position: position).logits
            return firstDifference(own, head.logits).map { .logit(TokenID($0)) } ?? .agree
        default: return nil
        }
    }

    /// What is wrong with an answer by this hand's own computation, and can be disputed: the states, else the first token that they do not choose.
    private func claim(about statement: DisputeStatement) throws(ModelError) -> DisputeStatement.Claim? {
        if tree.root != statement.receipt.checkpoints { return .transcript }
        let sampler = Sampler(statement.sampling, seed: statement.receipt.seed)
        let states = try states(at: layout.shape.layers, to: tokens.count - 1)
        for (step, token) in statement.output.enumerated() {
            let position = statement.position(ofStep: step)
            let logits = try transformer.logits(of: [states[position]])[0]
            if sampler.sample(logits, position: position) != token { return .token(step: step) }
        }
        return nil
    }

    private func side(of descent: MerkleDescent, in tree: MerkleTree) -> DisputeMove? {
        guard let halves = descent.halves else { return nil }
        if tree.root(of: descent.leftRange) != halves.left { return .left }
        return tree.root(of: descent.rightRange) != halves.right ? .right : nil
    }

    private func element(_ question: DisputeMachine.LayerQuestion) throws(ModelError) -> DisputeMove? {
        let own = try vectors(layer: question.layer, position: question.position)
        for part in layout.operators {
            if let index = firstDifference(own(part), question.vectors(part)) {
                return .element(part, UInt32(index))
            }
        }
        return nil
    }

    private func entry(
        _ question: DisputeMachine.LayerQuestion, _ element: Int, _ shown: LayerArithmetic.Context
    ) throws(ModelError) -> DisputeMove? {
        let shape = layout.shape
        let head = element / shape.headWidth / shape.group
        let own = try context(layer: question.layer, position: question.position, head: head)
        for position in 0..<question.position {
            for (isValue, pair) in [(false, (own.keys, shown.keys)), (true, (own.values, shown.values))] {
                if let index = firstDifference(pair.0[position], pair.1[position]) {
                    return .entry(position: UInt32(position), isValue: isValue, index: UInt32(index))
                }
            }
        }
        return .agree
    }

    private func firstDifference(_ own: [Float], _ shown: [Float]) -> Int? {
        zip(own, shown).enumerated().first { !Bits.equal($1.0, $1.1) }?.offset
    }
}
