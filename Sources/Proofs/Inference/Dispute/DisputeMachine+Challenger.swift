internal import Keys
internal import Models

extension DisputeMachine {
    /// What follows when the challenger points at something.
    /// - Returns: nil when there is no such thing.
    func reply(with move: DisputeMove) -> Phase? {
        switch (phase, move) {
        case (.nameFault, .claim(let claim)): return Self.first(of: claim, statement)
        case (.pointAtNode(var descent), .left), (.pointAtNode(var descent), .right):
            return descent.descend(right: move == .right) ? Self.next(descent) : nil
        case (.pointAtBoundary(let position, let root, var descent), .left),
            (.pointAtBoundary(let position, let root, var descent), .right):
            return descent.descend(right: move == .right) ? boundary(position, root, descent) : nil
        case (.pointAtElement(let question), .element(let part, let index)):
            guard let width = question.vectors.outputs[part]?.count, index < width else { return nil }
            return part == .attention
                ? .showContext(question, element: Int(index)) : .prove(.element(question, part, Int(index)))
        case (.pointAtEntry(let question, let element, let context), .agree):
            return attention(question, element, context)
        case (.pointAtEntry(let question, let element, let context), .entry(let position, let isValue, let index)):
            return entry(question, element, context, Int(position), isValue, Int(index))
        case (.pointAtLogit(let step, let head), .agree): return choice(step, head)
        case (.pointAtLogit(_, let head), .logit(let token)):
            return Int(token) < head.logits.count ? .prove(.logit(head, token)) : nil
        default: return nil
        }
    }

    private func boundary(_ position: Int, _ root: Digest, _ descent: MerkleDescent) -> Phase {
        guard descent.isAtLeaf else { return .showBoundary(position: position, root: root, descent) }
        let boundary = descent.range.lowerBound
        return boundary == 0
            ? .prove(.embedding(position: position, leaf: descent.node))
            : .showLayer(position: position, layer: boundary, root: root, leaf: descent.node)
    }

    /// The sides agree on keys and values: the element follows from what was shown.
    private func attention(_ question: LayerQuestion, _ element: Int, _ context: LayerArithmetic.Context) -> Phase? {
        let expected = Referee(statement).attention(question, element, context)
        let isRight = expected.map { Bits.equal($0, question.vectors(.attention)[element]) } ?? false
        return .ended(Outcome(winner: isRight ? .provider : .challenger, reason: .recomputed))
    }

    /// An entry of the position itself is part of the trace, where it was not pointed at: only earlier ones are in question.
    private func entry(
        _ question: LayerQuestion, _ element: Int, _ context: LayerArithmetic.Context, _ position: Int, _ isValue: Bool,
        _ index: Int
    ) -> Phase? {
        let shape = statement.layout.shape
        guard position < question.position, index < shape.headWidth else { return nil }
        let claimed = isValue ? context.values[position][index] : context.keys[position][index]
        let head = element / shape.headWidth / shape.group
        return .prove(
            .entry(
                layer: question.layer, position: position, head: head, isValue: isValue, index: index, claimed: claimed)
        )
    }

    /// The sides agree on the logits: the token follows from them.
    private func choice(_ step: Int, _ head: HeadTrace) -> Phase {
        let sampler = Sampler(statement.sampling, seed: statement.receipt.seed)
        let token = sampler.sample(head.logits, position: statement.position(ofStep: step))
        let isRight = token == statement.output[step]
        return .ended(Outcome(winner: isRight ? .provider : .challenger, reason: .recomputed))
    }
}
