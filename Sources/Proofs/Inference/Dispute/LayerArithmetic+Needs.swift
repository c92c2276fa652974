internal import Models

extension LayerArithmetic {
    /// The rows of weights that element `index` of an operator depends on.
    func needs(_ part: LayerOperator, _ index: Int) -> [(tensor: String, row: Int)] {
        switch part {
        case .attentionNorm: [(name("attn_norm.weight"), 0)]
        case .query: matrix("attn_q", index)
        case .key: matrix("attn_k", index)
        case .value: matrix("attn_v", index)
        case .queryNorm: [(name("attn_q_norm.weight"), 0)]
        case .keyNorm: [(name("attn_k_norm.weight"), 0)]
        case .attentionOutput: matrix("attn_output", index)
        case .feedForwardNorm: [(name("ffn_norm.weight"), 0)]
        case .gate: matrix("ffn_gate", index)
        case .up: matrix("ffn_up", index)
        case .down: matrix("ffn_down", index)
        case .rotatedQuery, .rotatedKey, .attention, .middle, .gated, .output: []
        }
    }

    /// The rows of weights that number `index` of a key or value head depends on.
    func needs(isValue: Bool, head: Int, index: Int) -> [(tensor: String, row: Int)] {
        let start = head * layout.shape.headWidth
        let norm = [(tensor: name("attn_norm.weight"), row: 0)]
        if isValue { return norm + matrix("attn_v", start + index) }
        let hasNorm = layout.has("blk.0.attn_k_norm.weight")
        let places = hasNorm ? Array(0..<layout.shape.headWidth) : pair(of: index)
        return norm + places.flatMap { matrix("attn_k", start + $0) }
            + (hasNorm ? [(name("attn_k_norm.weight"), 0)] : [])
    }

    private func matrix(_ part: String, _ row: Int) -> [(tensor: String, row: Int)] {
        let bias = name(part + ".bias")
        return [(name(part + ".weight"), row)] + (layout.has(bias) ? [(bias, 0)] : [])
    }
}
