package import Models
internal import Tensors

/// One element of any operator of a layer, from the vectors before it and a few rows of weights: the plain loops of `Reference`, which
/// the engine equals bit for bit. It is the second implementation that a dispute is decided by.
package struct LayerArithmetic {
    package let layout: ModelLayout
    package let arithmetic: Arithmetic
    /// From 1.
    package let layer: Int

    package init(layout: ModelLayout, arithmetic: Arithmetic, layer: Int) {
        self.layout = layout
        self.arithmetic = arithmetic
        self.layer = layer
    }

    private var shape: TransformerShape { layout.shape }
    func name(_ part: String) -> String { "blk.\(layer - 1).\(part)" }

    /// The vectors of one position that are known so far.
    package struct Vectors: Hashable, Sendable {
        /// The state that enters the layer.
        package var input: [Float]
        package var outputs: [LayerOperator: [Float]] = [:]

        package init(input: [Float]) { self.input = input }

        func callAsFunction(_ part: LayerOperator) -> [Float] { outputs[part] ?? [] }
    }

    /// What attention looks at: one head of keys and values of the positions from 0 to this one.
    package struct Context: Hashable, Sendable {
        package let keys: [[Float]]
        package let values: [[Float]]

        package init(keys: [[Float]], values: [[Float]]) {
            self.keys = keys
            self.values = values
        }
    }

    /// Element `index` of `part` at `position`.
    /// - Parameters:
    ///   - vectors: with all operators before `part`, in their widths.
    ///   - context: for attention, of the key head that the element belongs to.
    /// - Returns: nil when a row of weights is missing.
    package func element(
        _ index: Int, of part: LayerOperator, position: Int, _ vectors: Vectors, _ weights: some WeightRows,
        context: Context? = nil
    ) -> Float? {
        switch part {
        case .attentionNorm: return normalized(vectors.input, "attn_norm.weight", weights)?[index]
        case .query: return product(vectors(.attentionNorm), index, "attn_q", weights)
        case .key: return product(vectors(.attentionNorm), index, "attn_k", weights)
        case .value: return product(vectors(.attentionNorm), index, "attn_v", weights)
        case .queryNorm: return normalizedHead(vectors(.query), index, "attn_q_norm.weight", weights)
        case .keyNorm: return normalizedHead(vectors(.key), index, "attn_k_norm.weight", weights)
        case .rotatedQuery: return rotated(vectors.outputs[.queryNorm] ?? vectors(.query), index, position)
        case .rotatedKey: return rotated(vectors.outputs[.keyNorm] ?? vectors(.key), index, position)
        case .attention: return attended(vectors(.rotatedQuery), index, context)
        case .attentionOutput: return product(vectors(.attention), index, "attn_output", weights)
        case .middle: return vectors.input[index] + vectors(.attentionOutput)[index]
        case .feedForwardNorm: return normalized(vectors(.middle), "ffn_norm.weight", weights)?[index]
        case .gate: return product(vectors(.feedForwardNorm), index, "ffn_gate", weights)
        case .up: return product(vectors(.feedForwardNorm), index, "ffn_up", weights)
        case .gated:
            let (gate, up) = (vectors(.gate)[index], vectors(.up)[index])
            return shape.gate == .geGLU ? Reference.geGLU(gate: gate, up: up) : Reference.swiGLU(gate: gate, up: up)
        case .down: return product(vectors(.gated), index, "ffn_down", weights)
        case .output: return vectors(.middle)[index] + vectors(.down)[index]
        }
    }

    /// All vectors of one position.
    /// - Parameter contexts: of each key head, with the key and value of this position itself.
    package func vectors(
        from input: [Float], position: Int, _ weights: some WeightRows, contexts: (Vectors) -> [Context]?
    ) -> Vectors? {
        var vectors = Vectors(input: input)
        for part in layout.operators {
            let found = part == .attention ? contexts(vectors) : []
            guard let found else { return nil }
            var output: [Float] = []
            for index in 0..<part.width(shape) {
                let context = part == .attention ? found[keyHead(ofElement: index)] : nil
                guard let value = element(index, of: part, position: position, vectors, weights, context: context)
                else { return nil }
                output.append(value)
            }
            vectors.outputs[part] = output
        }
        return vectors
    }

    /// One number of a key or value head at a position, from the state that enters the layer there.
    func keyOrValue(
        isValue: Bool, head: Int, index: Int, from input: [Float], position: Int, _ weights: some WeightRows
    ) -> Float? {
        let start = head * shape.headWidth
        guard let normalized = normalized(input, "attn_norm.weight", weights) else { return nil }
        if isValue { return product(normalized, start + index, "attn_v", weights) }
        // A rotation needs the two numbers of a pair, a norm needs all of the head.
        let hasNorm = layout.has("blk.0.attn_k_norm.weight")
        let needed = hasNorm ? Array(0..<shape.headWidth) : pair(of: index)
        var key = [Float](repeating: 0, count: shape.headWidth)
        for place in needed {
            guard let number = product(normalized, start + place, "attn_k", weights) else { return nil }
            key[place] = number
        }
        if hasNorm {
            guard let norm = weights.vector(name("attn_k_norm.weight"), count: shape.headWidth) else { return nil }
            key = Reference.normalized(key, weight: norm, epsilon: shape.normEpsilon)
        }
        return rotated(head: key, position)[index]
    }

    /// Key and value of one head at a position, from the state that enters the layer there.
    package func keyAndValue(
        head: Int, from input: [Float], position: Int, _ weights: some WeightRows
    ) -> (key: [Float], value: [Float])? {
        guard let normalized = normalized(input, "attn_norm.weight", weights) else { return nil }
        var (key, value): ([Float], [Float]) = ([], [])
        for index in head * shape.headWidth..<(head + 1) * shape.headWidth {
            guard let k = product(normalized, index, "attn_k", weights),
                let v = product(normalized, index, "attn_v", weights)
            else { return nil }
            key.append(k)
            value.append(v)
        }
        if layout.has("blk.0.attn_k_norm.weight") {
            guard let norm = weights.vector(name("attn_k_norm.weight"), count: shape.headWidth) else { return nil }
            key = Reference.normalized(key, weight: norm, epsilon: shape.normEpsilon)
        }
        return (rotated(head: key, position), value)
    }

    /// The numbers of a head that its number `index` is turned with.
    package func pair(of index: Int) -> [Int] {
        let pairs = shape.ropeWidth / 2
        guard index < shape.ropeWidth else { return [index] }
        return shape.ropePairing == .interleaved
            ? [index, index ^ 1] : [index, index < pairs ? index + pairs : index - pairs]
    }

    package func keyHead(ofElement index: Int) -> Int { index / shape.headWidth / shape.group }

    // MARK: Parts

    private func normalized(_ x: [Float], _ part: String, _ weights: some WeightRows) -> [Float]? {
        guard let weight = weights.vector(name(part), count: shape.width) else { return nil }
        return Reference.normalized(x, weight: weight, epsilon: shape.normEpsilon)
    }

    private func normalizedHead(_ x: [Float], _ index: Int, _ part: String, _ weights: some WeightRows) -> Float? {
        guard let weight = weights.vector(name(part), count: shape.headWidth) else { return nil }
        let start = index / shape.headWidth * shape.headWidth
        return Reference.normalized(
            Array(x[start..<start + shape.headWidth]), weight: weight, epsilon: shape.normEpsilon)[index - start]
    }

    private func product(_ x: [Float], _ index: Int, _ part: String, _ weights: some WeightRows) -> Float? {
        guard let product = weights.product(index, of: name(part + ".weight"), with: x, arithmetic) else { return nil }
        let bias = name(part + ".bias")
        guard layout.has(bias) else { return product }
        let count = part == "attn_q" ? shape.queryWidth : shape.keyWidth
        return weights.vector(bias, count: count).map { product + $0[index] }
    }

    private func rotated(_ x: [Float], _ index: Int, _ position: Int) -> Float {
        let start = index / shape.headWidth * shape.headWidth
        return rotated(head: Array(x[start..<start + shape.headWidth]), position)[index - start]
    }

    private func rotated(head: [Float], _ position: Int) -> [Float] {
        let rotation = layout.rotation(position: position)
        return Reference.rotated(
            head, cosines: rotation.cosines, sines: rotation.sines, interleaved: shape.ropePairing == .interleaved)
    }

    private func attended(_ query: [Float], _ index: Int, _ context: Context?) -> Float? {
        guard let context else { return nil }
        let start = index / shape.headWidth * shape.headWidth
        return Reference.attended(
            query: Array(query[start..<start + shape.headWidth]), keys: context.keys, values: context.values,
            scale: shape.queryScale)[index - start]
    }
}
