/// The tokens that can be drawn at all, in order, and their logits: usually a few of a vocabulary of fifty thousand.
struct Candidates {
    private(set) var tokens: [TokenID] = []
    private(set) var logits: [Float] = []

    /// Logits of one block, of which the greatest is known before any token is chosen.
    private static let block = 64
    /// e^−23 · 2³¹ = 0.22: what is more than 23 temperatures below the greatest logit weighs nothing.
    private static let reach: Float = 23

    /// All tokens but those that weigh nothing, or that come behind the first `limit` in the order of logits (not all of these).
    /// - Parameters:
    ///   - top: the greatest logit, above −∞.
    ///   - limit: nil for no limit.
    init(_ all: UnsafeBufferPointer<Float>, top: Float, temperature: Float, limit: Int?) {
        var least = top - Self.reach * temperature
        if let limit, limit <= all.count / Self.block {
            // As many blocks have a greatest logit that is not below this, so that many tokens have such a logit.
            least = max(least, unsafe Self.rank(limit, amongBlocksOf: all))
        }
        let whole = all.count / 16 * 16
        let raw = UnsafeRawBufferPointer(all)
        for start in stride(from: 0, to: whole, by: 16) {
            let inside = unsafe raw.loadUnaligned(fromByteOffset: 4 * start, as: SIMD16<Float>.self) .>= least
            guard any(inside) else { continue }
            for index in start..<start + 16 where inside[index - start] { unsafe append(index, all[index]) }
        }
        for index in whole..<all.count where unsafe all[index] >= least { unsafe append(index, all[index]) }
    }

    private mutating func append(_ index: Int, _ logit: Float) {
        tokens.append(TokenID(index))
        logits.append(logit)
    }

    /// The greatest logits of whole blocks, in falling order: number `rank`, from 1. −∞ counts for blocks that have none.
    private static func rank(_ rank: Int, amongBlocksOf all: UnsafeBufferPointer<Float>) -> Float {
        let raw = UnsafeRawBufferPointer(all)
        let keys = (0..<all.count / block).map { number in
            var lanes = SIMD16<Float>(repeating: -.infinity)
            for start in stride(from: number * block, to: (number + 1) * block, by: 16) {
                let next = unsafe raw.loadUnaligned(fromByteOffset: 4 * start, as: SIMD16<Float>.self)
                lanes.replace(with: next, where: next .> lanes)
            }
            return CandidateCut.key(of: lanes.max())
        }
        return CandidateCut(keys: keys, amounts: [UInt32](repeating: 1, count: keys.count), target: UInt64(rank)).logit
    }

    /// Keeps the first tokens in the order of logits whose amounts reach `target`.
    /// - Parameter amounts: as ``CandidateCut`` takes them.
    /// - Returns: the amounts of those that are kept.
    mutating func cut(amounts: [UInt32], target: UInt64) -> [UInt32] {
        let keys = logits.map(CandidateCut.key)
        let inside = CandidateCut(keys: keys, amounts: amounts, target: target).kept(of: keys)
        tokens = inside.map { tokens[$0] }
        logits = inside.map { logits[$0] }
        return inside.map { amounts[$0] }
    }
}
