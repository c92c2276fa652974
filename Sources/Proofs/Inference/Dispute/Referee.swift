internal import Keys
internal import Models
internal import Tensors

/// Computes the one number that a dispute is about.
struct Referee {
    private let statement: DisputeStatement
    private var layout: ModelLayout { statement.layout }
    private var shape: TransformerShape { statement.layout.shape }

    init(_ statement: DisputeStatement) { self.statement = statement }

    /// Whether what the provider has shown is what the model gives.
    /// - Returns: nil when the evidence is not what the question needs.
    func isRight(_ question: DisputeMachine.Question, by evidence: DisputeEvidence) -> Bool? {
        guard let rows = ProvenRows(evidence.weights, root: layout.root) else { return nil }
        switch question {
        case .embedding(let position, let leaf):
            return embedding(of: statement.tokens[position], rows).map { StateDigest.of($0) == leaf }
        case .element(let layer, let part, let index):
            let arithmetic = LayerArithmetic(layout: layout, arithmetic: statement.arithmetic, layer: layer.layer)
            return arithmetic.element(index, of: part, position: layer.position, layer.vectors, rows).map {
                Bits.equal($0, layer.vectors(part)[index])
            }
        case .entry(let layer, let position, let head, let isValue, let index, let claimed):
            guard let state = evidence.state, state.numbers.count == shape.width,
                state.proof.verifies(
                    StateDigest.of(state.numbers), boundary: layer - 1, layers: shape.layers, position: position,
                    token: statement.tokens[position], of: statement.receipt)
            else { return nil }
            let arithmetic = LayerArithmetic(layout: layout, arithmetic: statement.arithmetic, layer: layer)
            let found = arithmetic.keyOrValue(
                isValue: isValue, head: head, index: index, from: state.numbers, position: position, rows)
            return found.map { Bits.equal($0, claimed) }
        case .logit(let head, let token):
            return logit(token, of: head.state, rows).map { Bits.equal($0, head.logits[Int(token)]) }
        }
    }

    /// One element of attention over keys and values that both sides agree on.
    func attention(
        _ question: DisputeMachine.LayerQuestion, _ element: Int, _ context: LayerArithmetic.Context
    ) -> Float? {
        LayerArithmetic(layout: layout, arithmetic: statement.arithmetic, layer: question.layer).element(
            element, of: .attention, position: question.position, question.vectors, NoRows(), context: context)
    }

    private func embedding(of token: TokenID, _ rows: some WeightRows) -> [Float]? {
        guard let row = rows.row(Int(token), of: "token_embd.weight"),
            row.bytes.count == row.type.rowBytes(columns: shape.width)
        else { return nil }
        let state = Reference.dequantized(row.bytes, row.type)
        return shape.embeddingScale == 1 ? state : state.map { $0 * shape.embeddingScale }
    }

    private func logit(_ token: TokenID, of state: [Float], _ rows: some WeightRows) -> Float? {
        guard let norm = rows.vector("output_norm.weight", count: shape.width) else { return nil }
        return rows.product(
            Int(token), of: layout.outputMatrix,
            with: Reference.normalized(state, weight: norm, epsilon: shape.normEpsilon), statement.arithmetic)
    }
}

/// No weights: for operators that have none.
struct NoRows: WeightRows {
    func row(_ index: Int, of tensor: String) -> (bytes: [UInt8], type: WeightType)? { nil }
}
