/// Some tokens that can be drawn, in order, with their logits and weights.
struct Candidates {
    private(set) var tokens: [TokenID] = []
    private(set) var logits: [Float] = []
    /// Filled in by whoever weighs them.
    var weights: [UInt32] = []

    /// Logits of one block, of which the greatest is known before any token is chosen.
    private static let block = 64

    /// The tokens whose logits are not below `least`; never one whose logit is NaN.
    init(_ all: UnsafeBufferPointer<Float>, notBelow least: Float) {
        let whole = all.count / 16 * 16
        let raw = UnsafeRawBufferPointer(all)
        for start in stride(from: 0, to: whole, by: 16) {
            let inside = unsafe raw.loadUnaligned(fromByteOffset: 4 * start, as: SIMD16<Float>.self) .>= least
            guard any(inside) else { continue }
            for index in start..<start + 16 where inside[index - start] {
                tokens.append(TokenID(index))
                logits.append(unsafe all[index])
            }
        }
        for index in whole..<all.count where unsafe all[index] >= least {
            tokens.append(TokenID(index))
            logits.append(unsafe all[index])
        }
    }

    /// The tokens that weigh more than `least`.
    init(_ all: UnsafeBufferPointer<Float>, weights known: [UInt32], above least: UInt32) {
        for (index, weight) in known.enumerated() where weight > least {
            tokens.append(TokenID(index))
            logits.append(unsafe all[index])
            weights.append(weight)
        }
    }

    /// A logit that at least `count` tokens are not below: a block's greatest logit stands for it. Nil when there are fewer blocks.
    static func bound(_ count: Int, in all: UnsafeBufferPointer<Float>) -> Float? {
        guard count <= all.count / block else { return nil }
        let raw = UnsafeRawBufferPointer(all)
        let keys = (0..<all.count / block).map { number in
            var lanes = SIMD16<Float>(repeating: -.infinity)
            for start in stride(from: number * block, to: (number + 1) * block, by: 16) {
                let next = unsafe raw.loadUnaligned(fromByteOffset: 4 * start, as: SIMD16<Float>.self)
                lanes.replace(with: next, where: next .> lanes)
            }
            return CandidateCut.key(of: lanes.max())
        }
        return CandidateCut(keys: keys, amounts: [UInt32](repeating: 1, count: keys.count), target: UInt64(count)).logit
    }

    /// Keeps the first tokens in the order of logits whose amounts reach `target`.
    /// - Parameter amounts: as ``CandidateCut`` takes them.
    mutating func cut(_ amounts: [UInt32], target: UInt64) {
        let keys = logits.map(CandidateCut.key)
        let inside = CandidateCut(keys: keys, amounts: amounts, target: target).kept(of: keys)
        tokens = inside.map { tokens[$0] }
        logits = inside.map { logits[$0] }
        if !weights.isEmpty { weights = inside.map { weights[$0] } }
    }
}
