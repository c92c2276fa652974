/// The line between tokens that are kept and tokens that are not, when all are ordered by logit, the highest first, and among
/// equal logits by number, the lowest first. Found without sorting, by counting digits of the logits from the top.
struct CandidateCut {
    /// Tokens with a greater key are kept.
    let key: UInt32
    /// Of the tokens with this key, the first so many are kept.
    let equal: Int

    /// Finds the shortest row of tokens whose amounts reach `target`.
    /// - Parameters:
    ///   - keys: of each token (``key(of:)``).
    ///   - amounts: of each token. Tokens with equal keys have equal amounts, or 0 from some number on.
    ///   - target: at least 1, at most the sum of the amounts.
    init(keys: [UInt32], amounts: [UInt32], target: UInt64) {
        var reached: UInt64 = 0
        var prefix: UInt32 = 0
        var known: UInt32 = 0  // Bits of the key that are settled.
        for bits: UInt32 in [11, 11, 10] {
            let shift = 32 - known - bits
            var sums = [UInt64](repeating: 0, count: 1 << Int(bits))
            let digit: UInt32 = (1 << bits) - 1
            for index in keys.indices where known == 0 || keys[index] >> (shift + bits) == prefix {
                sums[Int(keys[index] >> shift & digit)] += UInt64(amounts[index])
            }
            var bucket = sums.count - 1
            while bucket > 0, reached + sums[bucket] < target {
                reached += sums[bucket]
                bucket -= 1
            }
            prefix = prefix << bits | UInt32(bucket)
            known += bits
        }
        key = prefix
        var amount: UInt64 = 0
        for index in keys.indices where keys[index] == prefix { amount = max(amount, UInt64(amounts[index])) }
        equal = amount == 0 ? 0 : Int((target - reached + amount - 1) / amount)
    }

    /// Sets the amounts of all tokens behind the line to 0.
    func apply(keys: [UInt32], to amounts: inout [UInt32]) {
        var left = equal
        for index in keys.indices where keys[index] <= key {
            if keys[index] == key, left > 0 { left -= 1 } else { amounts[index] = 0 }
        }
    }

    /// An integer in the order of the floats; −0 equals +0. Not for NaN.
    static func key(of logit: Float) -> UInt32 {
        let bits = logit == 0 ? 0 : logit.bitPattern
        return bits >> 31 == 1 ? ~bits : bits | 1 << 31
    }
}
