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
        guard let allowed else { return unsafe choose(logits, position: position) ?? 0 }
        var values = unsafe Array(logits)
        for index in values.indices where !allowed.allows(TokenID(index)) { values[index] = -.infinity }
        return unsafe values.withUnsafeBufferPointer { unsafe choose($0, position: position) } ?? allowed.lowest ?? 0
    }

    /// - Returns: nil when no logit is above −∞.
    private func choose(_ logits: UnsafeBufferPointer<Float>, position: Int) -> TokenID? {
        let top = unsafe Self.greatest(logits)
        guard top.logit > -.infinity else { return nil }
        return parameters.temperature == 0 ? top.token : unsafe draw(logits, top: top.logit, position: position)
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

    private func draw(_ logits: UnsafeBufferPointer<Float>, top: Float, position: Int) -> TokenID {
        guard parameters.topK > 0, Int(parameters.topK) < logits.count else {
            let weights = unsafe weights(logits, top: top)
            let total = Self.sum(weights)
            let target = share(of: total)
            // All that weigh no more than this weigh together no more than what is cut.
            let small = UInt32((total - target) / UInt64(logits.count))
            guard target < total else { return TokenID(place(in: heavy(weights), position: position)) }
            var candidates = unsafe Candidates(logits, weights: weights, above: small)
            candidates.cut(candidates.weights, target: target)
            return candidates.tokens[place(in: heavy(candidates.weights), position: position)]
        }
        // What is cut is left out of all that follows. What is more than 23 temperatures below the greatest logit weighs nothing:
        // e^−23 · 2³¹ = 0.22.
        let limit = Int(parameters.topK)
        let least = max(top - 23 * temperature, unsafe Candidates.bound(limit, in: logits) ?? -.infinity)
        var candidates = unsafe Candidates(logits, notBelow: least)
        if limit < candidates.tokens.count {
            candidates.cut([UInt32](repeating: 1, count: candidates.tokens.count), target: UInt64(limit))
        }
        candidates.weights = unsafe candidates.logits.withUnsafeBufferPointer { unsafe weights($0, top: top) }
        let total = Self.sum(candidates.weights), target = share(of: total)
        if target < total { candidates.cut(candidates.weights, target: target) }
        return candidates.tokens[place(in: heavy(candidates.weights), position: position)]
    }

    private var temperature: Float { Float(parameters.temperature) / 1000 }

    /// - Parameter top: the greatest of the logits.
    private func weights(_ logits: UnsafeBufferPointer<Float>, top: Float) -> [UInt32] {
        guard top < .infinity else { return unsafe logits.map { $0 == .infinity ? UInt32(Self.scale) : 0 } }
        return unsafe Backend.fastest.weights(logits, top: top, temperature: temperature)
    }

    /// What top-p keeps of a sum of weights.
    private func share(of total: UInt64) -> UInt64 {
        let product = total.multipliedFullWidth(by: UInt64(parameters.topP))
        let (share, rest) = Self.millionths.dividingFullWidth(product)
        return max(1, share + (rest > 0 ? 1 : 0))
    }

    /// What min-p leaves of the weights.
    private func heavy(_ weights: [UInt32]) -> [UInt32] {
        guard parameters.minP > 0, let heaviest = weights.max() else { return weights }
        let least = UInt64(parameters.minP) * UInt64(heaviest)
        return weights.map { UInt64($0) * Self.millionths < least ? 0 : $0 }
    }

    private static func sum(_ weights: some Collection<UInt32>) -> UInt64 {
        var sum: UInt64 = 0
        // At most 2^24 weights of at most 2^31.
        for weight in weights { sum &+= UInt64(weight) }
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
        var start = 0
        while start + 1024 < weights.count {
            let block = Self.sum(weights[start..<start + 1024])
            if rest < block { break }
            rest -= block
            start += 1024
        }
        for index in start..<weights.count {
            if rest < UInt64(weights[index]) { return index }
            rest -= UInt64(weights[index])
        }
        preconditionFailure("the drawn number is below the sum")
    }
}
