/// The numbers that make a transformer: what the metadata of its file says, checked.
package struct TransformerShape: Hashable, Sendable {
    /// Families of models that this program computes, named as in GGUF's `general.architecture`.
    package enum Architecture: String, CaseIterable, Sendable {
        case llama, qwen2, qwen3, gemma
    }

    /// Which values of a head form a pair that is turned.
    package enum RopePairing: Hashable, Sendable {
        /// (0, 1), (2, 3), …
        case interleaved
        /// (0, n/2), (1, n/2 + 1), …
        case halves
    }

    package enum Gate: Hashable, Sendable { case swiGLU, geGLU }

    package let architecture: Architecture
    package let layers: Int
    /// Values of a state.
    package let width: Int
    package let heads: Int
    package let keyValueHeads: Int
    package let headWidth: Int
    package let feedForward: Int
    package let vocabulary: Int
    /// Positions of a sequence at most.
    package let contextLength: Int
    package let ropeBase: Double
    /// Positions are divided by this.
    package let ropeScale: Double
    /// Values of a head that are turned.
    package let ropeWidth: Int
    package let ropePairing: RopePairing
    package let normEpsilon: Float
    /// Embeddings are multiplied by this.
    package let embeddingScale: Float
    package let gate: Gate

    /// Values of all query heads, and of all key heads.
    package var queryWidth: Int { heads * headWidth }
    package var keyWidth: Int { keyValueHeads * headWidth }
    /// Query heads that share one head of keys and values.
    package var group: Int { heads / keyValueHeads }
    /// What queries are multiplied by.
    package var queryScale: Float { 1 / Float(headWidth).squareRoot() }

    /// Bounds of what a file may ask for: far above the models of today, far below what would overflow.
    private static let extentLimit = 1 << 20, layerLimit = 1024

    package init(_ file: GGUFFile) throws(ModelError) {
        try self.init(file.metadata, embedding: file.tensor("token_embd.weight").shape)
    }

    /// - Parameter embedding: the extents of `token_embd.weight`.
    /// - Throws: ``ModelError/gguf(path:reason:)`` naming the value that is missing, unknown or out of bounds.
    package init(_ metadata: GGUFMetadata, embedding: [Int]) throws(ModelError) {
        func refuse(_ reason: String) -> ModelError { metadata.failure(reason) }
        let name = try metadata.text("general.architecture")
        guard let architecture = Architecture(rawValue: name) else {
            let known = Architecture.allCases.map(\.rawValue).joined(separator: ", ")
            throw refuse("architecture '\(name)' is not one of those that can be run: \(known)")
        }
        func extent(_ key: String, default fallback: Int? = nil) throws(ModelError) -> Int {
            let value = try metadata.integer("\(name).\(key)", default: fallback)
            guard value >= 1, value <= Self.extentLimit else {
                throw refuse("'\(name).\(key)' is \(value), not from 1 to \(Self.extentLimit)")
            }
            return value
        }
        self.architecture = architecture
        layers = try extent("block_count")
        guard layers <= Self.layerLimit else { throw refuse("\(layers) layers, more than \(Self.layerLimit)") }
        width = try extent("embedding_length")
        heads = try extent("attention.head_count")
        keyValueHeads = try extent("attention.head_count_kv", default: heads)
        headWidth = try extent("attention.key_length", default: max(1, width / heads))
        feedForward = try extent("feed_forward_length")
        let context = try extent("context_length")
        // Within the window every position sees all before it; past it, another rule would hold.
        contextLength = min(context, try extent("attention.sliding_window", default: context))
        ropeWidth = try extent("rope.dimension_count", default: headWidth)
        ropeBase = try metadata.real("\(name).rope.freq_base", default: 10_000)
        ropeScale = try Self.ropeScale(metadata, name, refuse)
        ropePairing = architecture == .llama ? .interleaved : .halves
        normEpsilon = Float(try metadata.real("\(name).attention.layer_norm_rms_epsilon"))
        embeddingScale = architecture == .gemma ? Float(width).squareRoot() : 1
        gate = architecture == .gemma ? .geGLU : .swiGLU
        vocabulary = embedding.count == 2 ? embedding[1] : 0

        guard try metadata.integer("\(name).attention.value_length", default: headWidth) == headWidth else {
            throw refuse("keys and values of different widths are not supported")
        }
        guard try metadata.integer("\(name).expert_count", default: 0) == 0 else {
            throw refuse("mixtures of experts are not supported")
        }
        guard width % 32 == 0, feedForward % 32 == 0 else {
            throw refuse("widths \(width) and \(feedForward) must be multiples of 32")
        }
        guard headWidth % 16 == 0, queryWidth % 32 == 0, heads % keyValueHeads == 0, queryWidth <= Self.extentLimit
        else {
            throw refuse("\(heads) heads, \(keyValueHeads) of keys, of width \(headWidth) are not supported")
        }
        guard ropeWidth % 2 == 0, ropeWidth <= headWidth, ropeBase >= 1, ropeBase <= 1e30 else {
            throw refuse("rotations of \(ropeWidth) of \(headWidth) values with base \(ropeBase) are not supported")
        }
        guard normEpsilon >= 0, normEpsilon < 1 else { throw refuse("an epsilon of \(normEpsilon) in the norms") }
        guard vocabulary >= 1, vocabulary <= Self.extentLimit else {
            throw refuse("'token_embd.weight' has the shape \(embedding), no vocabulary")
        }
    }

    private static func ropeScale(
        _ metadata: GGUFMetadata, _ name: String, _ refuse: (String) -> ModelError
    ) throws(ModelError) -> Double {
        switch try metadata.text("\(name).rope.scaling.type", default: "none") {
        case "none": return 1
        case "linear":
            let factor = try metadata.real("\(name).rope.scaling.factor")
            guard factor >= 1, factor <= 1024 else { throw refuse("positions divided by \(factor)") }
            return factor
        case let type: throw refuse("'\(name).rope.scaling.type' is '\(type)'; 'none' and 'linear' are supported")
        }
    }
}
