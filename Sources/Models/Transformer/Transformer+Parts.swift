internal import Tensors

// What a verifier runs: parts of the pass on states that it was given.
extension Transformer {
    /// Runs one layer alone over the positions from 0.
    /// - Parameters:
    ///   - layer: from 0.
    ///   - inputs: the states at the boundary before it, one for each position.
    /// - Returns: the states at the boundary after it.
    /// - Throws: ``ModelError`` for states of another width, more than the context holds, or that are not finite.
    package func layer(_ layer: Int, inputs: [[Float]]) throws(ModelError) -> [[Float]] {
        guard layer >= 0, layer < model.shape.layers else {
            throw .inputMismatch("layer \(layer) of \(model.shape.layers)")
        }
        let limit = model.shape.contextLength
        guard inputs.count <= limit else { throw .contextFull(positions: inputs.count, limit: limit) }
        let cache = LayerCache(model.shape, limit: inputs.count)
        return try passed(inputs) { rows throws(ModelError) in
            try work.run(rows, layer: layer, weights.layers[layer], [cache], rotary)
        }
    }

    /// The states at boundary 0 of some tokens; their positions do not matter.
    /// - Throws: ``ModelError/unknownToken(_:vocabulary:)``.
    package func embeddings(of tokens: [TokenID]) throws(ModelError) -> [[Float]] {
        let shape = model.shape
        if let token = tokens.first(where: { $0 >= shape.vocabulary }) {
            throw .unknownToken(token, vocabulary: shape.vocabulary)
        }
        var results: [[Float]] = []
        for start in stride(from: 0, to: tokens.count, by: Self.rowLimit) {
            let rows = tokens[start..<min(start + Self.rowLimit, tokens.count)].map {
                Row(piece: 0, position: 0, token: $0)
            }
            prepare(rows)
            embed(rows)
            for row in rows.indices {
                let state = unsafe UnsafeBufferPointer(start: work.states + row * shape.width, count: shape.width)
                unsafe results.append(Array(state))
            }
        }
        return results
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
        _ = try passed(states) { rows throws(ModelError) in
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

    /// Puts states into the working space, as many as it takes at a time, and reads them again after `body`.
    private func passed(
        _ states: [[Float]], _ body: ([Row]) throws(ModelError) -> Void
    ) throws(ModelError) -> [[Float]] {
        let width = model.shape.width
        if let state = states.first(where: { $0.count != width }) {
            throw .inputMismatch("a state of \(state.count) values, the model has \(width)")
        }
        var results: [[Float]] = []
        for start in stride(from: 0, to: states.count, by: Self.rowLimit) {
            let some = states[start..<min(start + Self.rowLimit, states.count)]
            let rows = some.indices.map { Row(piece: 0, position: $0, token: 0) }
            prepare(rows)
            for (index, state) in some.enumerated() {
                for (place, value) in state.enumerated() { unsafe work.states[index * width + place] = value }
            }
            try body(rows)
            for index in 0..<some.count {
                results.append(
                    unsafe Array(UnsafeBufferPointer(start: work.states + index * width, count: width)))
            }
        }
        return results
    }
}
