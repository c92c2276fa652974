/// The operators between the matrix products of a transformer, as plain loops.
extension Reference {
    /// Root-mean-square normalisation (Zhang and Sennrich 2019, arXiv:1910.07467): `x · (1 ÷ √(mean of squares + ε)) · weight`.
    package static func normalized(_ x: [Float], weight: [Float], epsilon: Float) -> [Float] {
        precondition(x.count == weight.count, "\(x.count) values and \(weight.count) weights")
        var stripes = [Float](repeating: 0, count: Reduction.lanes)
        for (index, value) in x.enumerated() { stripes[index % Reduction.lanes].addProduct(value, value) }
        let mean = Reduction.tree(stripes) / Float(x.count)
        let factor = 1 / (mean + epsilon).squareRoot()
        return zip(x, weight).map { $0 * factor * $1 }
    }

    /// Turns each pair of a head by its angle (Su et al. 2021, arXiv:2104.09864). Interleaved: pairs (0, 1), (2, 3), …;
    /// halves: pairs (0, n/2), (1, n/2 + 1), …; values past the last pair stay.
    package static func rotated(_ x: [Float], cosines: [Float], sines: [Float], interleaved: Bool) -> [Float] {
        precondition(
            cosines.count == sines.count && 2 * cosines.count <= x.count, "\(cosines.count) pairs in \(x.count) values")
        var y = x
        for (pair, (cosine, sine)) in zip(cosines, sines).enumerated() {
            let (first, second) = interleaved ? (2 * pair, 2 * pair + 1) : (pair, pair + cosines.count)
            y[first] = (-(x[second] * sine)).addingProduct(x[first], cosine)
            y[second] = (x[second] * cosine).addingProduct(x[first], sine)
        }
        return y
    }

    /// What one head of one position sees: softmax(query · scale · keysᵀ) · values over the positions 0, 1, … of the cache.
    package static func attended(query: [Float], keys: [[Float]], values: [[Float]], scale: Float) -> [Float] {
        precondition(!keys.isEmpty && keys.count == values.count, "\(keys.count) keys and \(values.count) values")
        let scaled = query.map { $0 * scale }
        let scores = keys.map { key in
            var sum: Float = 0
            for (a, b) in zip(scaled, key) { sum.addProduct(a, b) }
            return sum
        }
        var largest = scores[0]
        for score in scores where score > largest { largest = score }
        let powers = scores.map { exponential($0 - largest) }
        let total = sum(powers)
        return values[0].indices.map { place in
            var sum: Float = 0
            for (power, value) in zip(powers, values) { sum.addProduct(power, value[place]) }
            return sum / total
        }
    }

    /// SwiGLU (Shazeer 2020, arXiv:2002.05202): `gate ÷ (1 + e^−gate) · up`.
    package static func swiGLU(gate: Float, up: Float) -> Float { gate / (1 + exponential(-gate)) * up }

    /// GEGLU with the tanh form of GELU (Hendrycks and Gimpel 2016, arXiv:1606.08415): ½·(1 + tanh z) = 1 ÷ (1 + e^−2z),
    /// and 2z = gate · (c·0.044715·gate² + c) with c = 2·√(2/π).
    package static func geGLU(gate: Float, up: Float) -> Float {
        let c: Float = 1.5957691, cubic: Float = 0.071354814
        let z = gate * c.addingProduct(cubic, gate * gate)
        return gate / (1 + exponential(-z)) * up
    }

    /// The residual connection.
    package static func added(_ x: [Float], _ y: [Float]) -> [Float] { zip(x, y).map { $0 + $1 } }
}
