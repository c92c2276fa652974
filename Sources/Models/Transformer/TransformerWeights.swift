internal import Tensors

/// The weights of one layer. What a family of models does not have is nil.
struct LayerWeights: Sendable {
    let attentionNorm: Vector
    let query: PackedMatrix, key: PackedMatrix, value: PackedMatrix
    let queryBias: Vector?, keyBias: Vector?, valueBias: Vector?
    /// Norms of each head of queries and keys.
    let queryNorm: Vector?, keyNorm: Vector?
    let output: PackedMatrix
    let feedForwardNorm: Vector
    let gate: PackedMatrix, up: PackedMatrix, down: PackedMatrix
}

/// Floats that never change.
@safe struct Vector: Sendable {
    nonisolated(unsafe) let floats: Floats

    init(_ values: [Float]) { unsafe floats = Floats(values) }
}

/// All weights of a model, laid out for the kernels. Every shape is checked before any memory is taken.
struct TransformerWeights: Sendable {
    let embedding: PackedMatrix
    let layers: [LayerWeights]
    let outputNorm: Vector
    /// The embedding again, where the file has no matrix of its own.
    let output: PackedMatrix
    /// Divisors of the frequencies of rotation, or empty.
    let ropeFactors: [Float]

    /// - Throws: ``ModelError/gguf(path:reason:)`` naming the tensor that is missing or has another shape or type.
    init(_ file: GGUFFile, _ shape: TransformerShape, crew: Crew) throws(ModelError) {
        var loader = WeightLoader(file)
        let (width, query, key) = (shape.width, shape.queryWidth, shape.keyWidth)
        try loader.matrix("token_embd.weight", rows: shape.vocabulary, columns: width)
        if file.tensors["output.weight"] != nil {
            try loader.matrix("output.weight", rows: shape.vocabulary, columns: width)
        }
        for layer in 0..<shape.layers {
            let name = "blk.\(layer)."
            try loader.matrix(name + "attn_q.weight", rows: query, columns: width)
            try loader.matrix(name + "attn_k.weight", rows: key, columns: width)
            try loader.matrix(name + "attn_v.weight", rows: key, columns: width)
            try loader.matrix(name + "attn_output.weight", rows: width, columns: query)
            try loader.matrix(name + "ffn_gate.weight", rows: shape.feedForward, columns: width)
            try loader.matrix(name + "ffn_up.weight", rows: shape.feedForward, columns: width)
            try loader.matrix(name + "ffn_down.weight", rows: width, columns: shape.feedForward)
        }
        var vectors: [[String: Vector]] = []
        for layer in 0..<shape.layers {
            var found: [String: Vector] = [:]
            func take(_ part: String, _ count: Int, optional: Bool = false) throws(ModelError) {
                found[part] = try loader.vector("blk.\(layer).\(part)", count, optional: optional).map(Vector.init)
            }
            try take("attn_norm.weight", width)
            try take("ffn_norm.weight", width)
            let hasHeadNorms = shape.architecture == .qwen3
            try take("attn_q_norm.weight", shape.headWidth, optional: !hasHeadNorms)
            try take("attn_k_norm.weight", shape.headWidth, optional: !hasHeadNorms)
            let hasBias = shape.architecture == .qwen2
            try take("attn_q.bias", query, optional: !hasBias)
            try take("attn_k.bias", key, optional: !hasBias)
            try take("attn_v.bias", key, optional: !hasBias)
            vectors.append(found)
        }
        let norm = try loader.vector("output_norm.weight", width, optional: false) ?? []
        let factors = try loader.vector("rope_freqs.weight", shape.ropeWidth / 2, optional: true) ?? []
        guard factors.allSatisfy({ $0 >= 1 && $0 <= 1e6 }) else {
            throw .gguf(path: file.path, reason: "a divisor in 'rope_freqs.weight' is not from 1 to 1,000,000")
        }
        try loader.refuseOthers()
        let packed = try loader.pack(crew)
        func matrix(_ name: String) -> PackedMatrix { packed[name]! }
        embedding = matrix("token_embd.weight")
        output = packed["output.weight"] ?? embedding
        outputNorm = Vector(norm)
        ropeFactors = factors
        layers = vectors.enumerated().map { layer, vectors in
            let name = "blk.\(layer)."
            return LayerWeights(
                attentionNorm: vectors["attn_norm.weight"]!, query: matrix(name + "attn_q.weight"),
                key: matrix(name + "attn_k.weight"), value: matrix(name + "attn_v.weight"),
                queryBias: vectors["attn_q.bias"], keyBias: vectors["attn_k.bias"], valueBias: vectors["attn_v.bias"],
                queryNorm: vectors["attn_q_norm.weight"], keyNorm: vectors["attn_k_norm.weight"],
                output: matrix(name + "attn_output.weight"), feedForwardNorm: vectors["ffn_norm.weight"]!,
                gate: matrix(name + "ffn_gate.weight"), up: matrix(name + "ffn_up.weight"),
                down: matrix(name + "ffn_down.weight"))
        }
    }
}
