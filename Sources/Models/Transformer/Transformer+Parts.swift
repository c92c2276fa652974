internal import Tensors

// What a verifier runs: parts of the pass on states that it was given.
extension Transformer {
    /// Runs one layer alone over the positions from 0.
    /// - Parameters:
    ///   - layer: from 0.
    ///   - inputs: the states at the boundary before it, one for each position.
    ///   - body: is lent the states at both boundaries, position after position, some at a time.
    /// - Throws: ``ModelError`` for states of another width, more than the context holds, or that are not finite.
    package func layer(
        _ layer: Int, inputs: [[Float]], _ body: (BoundaryStates) -> Void
    ) throws(ModelError) {
        guard layer >= 0, layer < model.shape.layers else {
            throw .inputMismatch("layer \(layer) of \(model.shape.layers)")
        }
        let limit = model.shape.contextLength
        guard inputs.count <= limit else { throw .contextFull(positions: inputs.count, limit: limit) }
        let cache = LayerCache.each(of: 1, model.shape, limit: inputs.count)
        try load(inputs) { rows throws(ModelError) in
            body(atWork(rows, boundary: layer))
            try work.run(rows, layer: layer, weights.layers[layer], cache, rotary, then: nil)
            body(atWork(rows, boundary: layer + 1))
        }
    }

    /// Lends the states at boundary 0 of some tokens to `body`, some at a time.
    /// - Throws: ``ModelError/unknownToken(_:vocabulary:)``.
    package func embeddings(of tokens: [TokenID], _ body: (BoundaryStates) -> Void) throws(ModelError) {
        if let token = tokens.first(where: { $0 >= model.shape.vocabulary }) {
            throw .unknownToken(token, vocabulary: model.shape.vocabulary)
        }
        for start in stride(from: 0, to: tokens.count, by: Self.rowLimit) {
            let rows = (start..<min(start + Self.rowLimit, tokens.count)).map {
                Row(piece: 0, position: $0, token: tokens[$0])
            }
            prepare(rows)
            embed(rows)
            body(atWork(rows, boundary: 0))
        }
    }

    /// The logits of states at the last boundary.
    /// - Throws: ``ModelError`` for states of another width, or that are not finite.
    package func logits(of states: [[Float]]) throws(ModelError) -> [[Float]] {
        var results = [[Float]](repeating: [], count: states.count)
        unsafe try results.withUnsafeMutableBufferPointer { results throws(ModelError) in
            unsafe try forLogits(of: states) { unsafe results[$0] = unsafe Array($1) }
        }
        return results
    }

    /// Lends the logits of each state at the last boundary to `body`, with its number, on all threads and in no order.
    /// - Throws: ``ModelError`` for states of another width, or that are not finite.
    package func forLogits(
        of states: [[Float]], _ body: (Int, UnsafeBufferPointer<Float>) -> Void
    ) throws(ModelError) {
        var done = 0
        try load(states) { rows throws(ModelError) in
            unsafe try head(Array(rows.enumerated().map { ($0, $1) })) { numbers, logits, stride in
                context.crew.run(numbers.count) { index, _ in
                    unsafe body(
                        done + numbers.lowerBound + index,
                        UnsafeBufferPointer(start: logits + index * stride, count: model.shape.vocabulary))
                }
            }
            done += rows.count
        }
    }

    /// Puts states into the working space, as many as it takes at a time.
    private func load(_ states: [[Float]], _ body: ([Row]) throws(ModelError) -> Void) throws(ModelError) {
        let width = model.shape.width
        if let state = states.first(where: { $0.count != width }) {
            throw .inputMismatch("a state of \(state.count) values, the model has \(width)")
        }
        for start in stride(from: 0, to: states.count, by: Self.rowLimit) {
            let rows = (start..<min(start + Self.rowLimit, states.count)).map {
                Row(piece: 0, position: $0, token: 0)
            }
            prepare(rows)
            for (index, row) in rows.enumerated() {
                unsafe states[row.position].withUnsafeBufferPointer { state in
                    guard let first = state.baseAddress else { return }
                    unsafe (work.states + index * width).update(from: first, count: width)
                }
            }
            try body(rows)
        }
    }
}
