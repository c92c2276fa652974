internal import Kernels

// Orders of operations: Reduction.swift. The same in plain loops: ReferenceTransformer.swift.
extension Backend {
    /// Root-mean-square norm of `count` values.
    /// - Returns: false when the squares have no finite sum; the result is then of no use.
    package func normalize(
        _ x: UnsafePointer<Float>, weight: Floats, epsilon: Float, to y: UnsafeMutablePointer<Float>
    ) -> Bool {
        unsafe language.normalize(x, weight.base, weight.count, epsilon, y)
    }

    /// Turns the first `2 · pairs` values of each head by the angles of one position.
    package func rotate(
        _ x: UnsafeMutablePointer<Float>, heads: Int, width: Int, cosines: UnsafePointer<Float>,
        sines: UnsafePointer<Float>, pairs: Int, interleaved: Bool
    ) {
        unsafe language.rotate(x, heads, width, pairs, cosines, sines, interleaved)
    }

    /// gate ← SwiGLU or GEGLU of gate and up.
    package func gate(
        _ gate: UnsafeMutablePointer<Float>, _ up: UnsafePointer<Float>, count: Int, gelu: Bool
    ) {
        unsafe language.gate(gate, up, count, gelu)
    }

    /// x ← x + y.
    package func add(_ x: UnsafeMutablePointer<Float>, _ y: UnsafePointer<Float>, count: Int) {
        unsafe language.add(x, y, count)
    }

    /// x ← x · factor.
    package func scale(_ x: UnsafeMutablePointer<Float>, by factor: Float, count: Int) {
        unsafe language.scale(x, factor, count)
    }

    /// The weights by which tokens are drawn: `⌊exp((logit − top) ÷ temperature) · 2³¹⌋`, at most 2³¹; 0 for NaN.
    /// - Parameter top: the greatest logit, finite.
    package func weights(_ logits: UnsafeBufferPointer<Float>, top: Float, temperature: Float) -> [UInt32] {
        unsafe [UInt32](unsafeUninitializedCapacity: logits.count) { weights, count in
            count = logits.count
            guard let logits = logits.baseAddress, let weights = weights.baseAddress else { return }
            unsafe language.weigh(logits, count, top, temperature, weights)
        }
    }

    /// Attention of up to six queries that share one head of keys and values.
    package func attend(_ view: AttentionView, scores: Floats) {
        precondition(scores.count >= view.scoreCount, "\(scores.count) scores, \(view.scoreCount) are needed")
        unsafe view.seen.withUnsafeBufferPointer { seen in
            guard let seen = seen.baseAddress else { return }
            var job = unsafe banyan_attention(
                queries: view.queries, rows: view.seen.count, width: view.width, seen: seen, keys: view.keys,
                key_stride: view.keyStride, values: view.values, value_stride: view.valueStride, scores: scores.base,
                out: view.out)
            unsafe language.attend(&job)
        }
    }
}

/// Some queries, and the keys and values that they see.
@safe package struct AttentionView {
    /// Query r begins at `queries + r · width`; its result goes to the same place of `out`.
    package let queries: UnsafePointer<Float>
    package let out: UnsafeMutablePointer<Float>
    package let width: Int
    /// Query r sees the positions before `seen[r]`: at least one, never fewer than the query before.
    package let seen: [Int32]
    /// Component d of position t is `keys[t / 16 · keyStride + d · 16 + t % 16]`.
    package let keys: UnsafePointer<Float>
    package let keyStride: Int
    /// Component d of position t is `values[t · valueStride + d]`.
    package let values: UnsafePointer<Float>
    package let valueStride: Int

    package init(
        queries: UnsafePointer<Float>, out: UnsafeMutablePointer<Float>, width: Int, seen: [Int32],
        keys: UnsafePointer<Float>, keyStride: Int, values: UnsafePointer<Float>, valueStride: Int
    ) {
        precondition(!seen.isEmpty && seen.count <= Self.rows && seen[0] >= 1, "queries see \(seen) positions")
        unsafe self.queries = unsafe queries
        unsafe self.out = unsafe out
        self.width = width
        self.seen = seen
        unsafe self.keys = unsafe keys
        self.keyStride = keyStride
        unsafe self.values = unsafe values
        self.valueStride = valueStride
    }

    /// Queries of one view.
    package static let rows = 6

    var scoreCount: Int { Self.rows * ((Int(seen[seen.count - 1]) + 15) / 16 * 16) }
}
