package import Keys
internal import Tensors
internal import Wire

/// Chooses a token: a pure function of logits, parameters, seed and position, the same on every machine.
///
/// A NaN, and a token that the mask does not allow, counts as −∞. When nothing is above −∞, the answer is the lowest allowed token.
/// Temperature 0 takes the greatest logit, the lowest token among equals. Otherwise, with m the greatest logit:
///
/// 1. `t = Float(temperature) ÷ 1000`, `z = (logit − m) ÷ t`, `e = exp(z)` (``Tensors``, `Reference.exponential`): 32-bit floats,
///    each operation rounded once. `weight = ⌊e · 2³¹⌋`, an integer. When m is +∞, tokens at +∞ weigh 2³¹, others 0.
/// 2. Top-k keeps the first k tokens in the order of logits (the lowest number among equals); others weigh 0 from here on.
/// 3. Top-p keeps the shortest row of tokens in that order, at least one, whose weights reach topP millionths of the sum.
/// 4. Min-p keeps the tokens that weigh at least minP millionths of the greatest weight.
/// 5. A number below the sum of the weights is drawn without bias from the ChaCha20 stream of
///    `Digest(seed ‖ position, "sample")`; the token is the first, by number, at which the running sum exceeds it.
package struct Sampler: Sendable {
    package let parameters: SamplingParameters
    private let seed: Digest

    /// 2³¹ as the weight of the likeliest token.
    private static let scale: Float = 2_147_483_648
    private static let millionths: UInt64 = 1_000_000

    package init(_ parameters: SamplingParameters, seed: Digest) {
        self.parameters = parameters
        self.seed = seed
    }

    /// - Parameters:
    ///   - logits: one for each token; at least one, at most 2^24.
    ///   - position: of the token that the logits follow.
    ///   - allowed: the tokens to choose from, of the same vocabulary; nil for all.
    package func sample(_ logits: [Float], position: Int, allowed: TokenMask? = nil) -> TokenID {
        unsafe logits.withUnsafeBufferPointer { unsafe sample($0, position: position, allowed: allowed) }
    }

    package func sample(
        _ logits: UnsafeBufferPointer<Float>, position: Int, allowed: TokenMask? = nil
    ) -> TokenID {
        precondition(!logits.isEmpty && logits.count <= 1 << 24, "\(logits.count) logits")
        precondition(allowed == nil || allowed?.count == logits.count, "a mask of another vocabulary")
        guard parameters.temperature > 0 || allowed != nil else { return unsafe Self.greatest(logits).token }
        var values = unsafe logits.map { $0.isNaN ? -.infinity : $0 }
        if let allowed {
            for index in values.indices where !allowed.allows(TokenID(index)) { values[index] = -.infinity }
        }
        let top = unsafe values.withUnsafeBufferPointer { unsafe Self.greatest($0) }
        guard top.logit > -.infinity else { return allowed?.lowest ?? 0 }
        return parameters.temperature == 0 ? top.token : draw(values, top: top.logit, position: position)
    }

    /// The greatest logit and the first token that has it; a NaN is never greater. (−∞, 0) when there is none.
    private static func greatest(_ logits: UnsafeBufferPointer<Float>) -> (logit: Float, token: TokenID) {
        var lanes = SIMD16<Float>(repeating: -.infinity)
        let whole = logits.count / 16 * 16
        let raw = UnsafeRawBufferPointer(logits)
        for start in stride(from: 0, to: whole, by: 16) {
            let next = unsafe raw.loadUnaligned(fromByteOffset: 4 * start, as: SIMD16<Float>.self)
            lanes.replace(with: next, where: next .> lanes)
        }
        var best = -Float.infinity
        for lane in 0..<16 where lanes[lane] > best { best = lanes[lane] }
        for index in whole..<logits.count where unsafe logits[index] > best { best = unsafe logits[index] }
        guard best > -.infinity else { return (best, 0) }
        return (best, TokenID(unsafe logits.firstIndex(of: best) ?? 0))
    }

    /// - Parameter values: without NaN.
    private func draw(_ values: [Float], top: Float, position: Int) -> TokenID {
        // What is cut is left out of all that follows: a small top-k makes the rest cheap.
        var tokens = Array(values.indices)
        if parameters.topK > 0, Int(parameters.topK) < values.count {
            let keys = values.map(CandidateCut.key)
            let ones = [UInt32](repeating: 1, count: keys.count)
            tokens = CandidateCut(keys: keys, amounts: ones, target: UInt64(parameters.topK)).kept(of: keys)
        }
        let kept = tokens.count == values.count ? values : tokens.map { values[$0] }
        var weights = Self.weights(kept, top: top, temperature: parameters.temperature)
        if parameters.topP < SamplingParameters.wholeProbability {
            let keys = kept.map(CandidateCut.key)
            let product = Self.sum(weights).multipliedFullWidth(by: UInt64(parameters.topP))
            let (share, rest) = Self.millionths.dividingFullWidth(product)
            let target = max(1, share + (rest > 0 ? 1 : 0))
            let inside = CandidateCut(keys: keys, amounts: weights, target: target).kept(of: keys)
            (tokens, weights) = (inside.map { tokens[$0] }, inside.map { weights[$0] })
        }
        if parameters.minP > 0, let heaviest = weights.max() {
            let least = UInt64(parameters.minP) * UInt64(heaviest)
            for index in weights.indices where UInt64(weights[index]) * Self.millionths < least { weights[index] = 0 }
        }
        return TokenID(tokens[place(in: weights, position: position)])
    }

    private static func weights(_ values: [Float], top: Float, temperature: UInt32) -> [UInt32] {
        guard top < .infinity else { return values.map { $0 == .infinity ? UInt32(scale) : 0 } }
        let t = Float(temperature) / 1000
        let powers = Tensor(shape: [values.count], elements: values.map { ($0 - top) / t }).exponential()
        return powers.elements.map { UInt32(min($0, 1) * scale) }
    }

    private static func sum(_ weights: [UInt32]) -> UInt64 {
        var sum: UInt64 = 0
        for weight in weights { sum += UInt64(weight) }
        return sum
    }

    /// The index at which the running sum of the weights exceeds the drawn number.
    private func place(in weights: [UInt32], position: Int) -> Int {
        var writer = ByteWriter(capacity: 40)
        writer.write(seed)
        writer.write(UInt64(position))
        var generator = SeededGenerator(seed: Digest(of: writer.bytes, domain: "sample"))
        // The likeliest token always weighs 2^31, so there is something to draw from.
        var rest = generator.next(below: Self.sum(weights))
        for (index, weight) in weights.enumerated() {
            if rest < UInt64(weight) { return index }
            rest -= UInt64(weight)
        }
        preconditionFailure("the drawn number is below the sum")
    }
}
