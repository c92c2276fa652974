internal import Keys
internal import Models

extension DisputeMachine {
    /// What follows when the provider shows something.
    /// - Returns: nil when it is not what was due.
    func answer(to move: DisputeMove) -> Phase? {
        switch (phase, move) {
        case (.showNode(var descent), .halves(let halves)):
            return descent.show(halves) ? .pointAtNode(descent) : nil
        case (.showBoundaries(let position, let leaf), .boundaries(let root, let halves)):
            return boundaries(position, leaf, root, halves)
        case (.showBoundary(let position, let root, var descent), .halves(let halves)):
            return descent.show(halves) ? .pointAtBoundary(position: position, root: root, descent) : nil
        case (.showLayer(let position, let layer, let root, let leaf), .trace(let trace)):
            guard trace.isCommitted(layer: layer, root: root, leaf: leaf, statement.layout) else { return nil }
            return .pointAtElement(
                LayerQuestion(position: position, layer: layer, vectors: trace.vectors(statement.layout)))
        case (.showContext(let question, let element), .context(let keys, let values)):
            return context(question, element, LayerArithmetic.Context(keys: keys, values: values))
        case (.showHead(let step), .head(let head)): return self.head(step, head)
        case (.prove(let question), .evidence(let evidence)):
            guard let isRight = Referee(statement).isRight(question, by: evidence) else { return nil }
            return .ended(Outcome(winner: isRight ? .provider : .challenger, reason: .recomputed))
        default: return nil
        }
    }

    private func boundaries(
        _ position: Int, _ leaf: Digest, _ root: Digest, _ halves: MerkleDescent.Halves
    ) -> Phase? {
        let expected = Transcript.leafHash(
            job: statement.receipt.job, position: position, token: statement.tokens[position], boundaries: root)
        var descent = MerkleDescent(root: root, leaves: statement.layers + 1)
        guard expected == leaf, descent.show(halves) else { return nil }
        return .pointAtBoundary(position: position, root: root, descent)
    }

    /// Keys and values of one head; those of the position itself must be the ones that the trace shows.
    private func context(_ question: LayerQuestion, _ element: Int, _ context: LayerArithmetic.Context) -> Phase? {
        let shape = statement.layout.shape
        let start = element / shape.headWidth / shape.group * shape.headWidth
        guard context.keys.count == question.position + 1, context.values.count == question.position + 1,
            (context.keys + context.values).allSatisfy({ $0.count == shape.headWidth }),
            let key = context.keys.last, let value = context.values.last,
            Bits.equal(key, question.vectors(.rotatedKey)[start..<start + shape.headWidth]),
            Bits.equal(value, question.vectors(.value)[start..<start + shape.headWidth])
        else { return nil }
        return .pointAtEntry(question, element: element, context)
    }

    private func head(_ step: Int, _ head: HeadTrace) -> Phase? {
        let position = statement.position(ofStep: step)
        guard head.state.count == statement.layout.shape.width, head.logits.count == statement.layout.shape.vocabulary,
            head.proof.verifies(
                StateDigest.of(head.state), boundary: statement.layers, layers: statement.layers, position: position,
                token: statement.tokens[position], of: statement.receipt)
        else { return nil }
        return .pointAtLogit(step: step, head)
    }
}
