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
    ///   - amounts: of each token. Tokens with equal keys have equal amounts.
    ///   - target: at least 1, at most the sum of the amounts.
    init(keys: [UInt32], amounts: [UInt32], target: UInt64) {
        var reached: UInt64 = 0
        /// The upper 11 bits of the key, from a count over all tokens.
        let first = Self.bucket(Self.sums(of: keys, amounts), &reached, target)
        var members = keys.indices.filter { keys[$0] >> 21 == first }
        var prefix = first
        for (shift, digit) in [(10, 0x7ff), (0, 0x3ff)] as [(UInt32, UInt32)] {
            var sums = [UInt64](repeating: 0, count: Int(digit) + 1)
            for index in members { sums[Int(keys[index] >> shift & digit)] += UInt64(amounts[index]) }
            let bucket = Self.bucket(sums, &reached, target)
            members.removeAll { keys[$0] >> shift & digit != bucket }
            prefix = prefix * (digit + 1) + bucket
        }
        key = prefix
        let amount = members.reduce(0) { max($0, UInt64(amounts[$1])) }
        equal = amount == 0 ? 0 : Int((target - reached + amount - 1) / amount)
    }

    private static func sums(of keys: [UInt32], _ amounts: [UInt32]) -> [UInt64] {
        var sums = [UInt64](repeating: 0, count: 1 << 11)
        for index in keys.indices { sums[Int(keys[index] >> 21)] += UInt64(amounts[index]) }
        return sums
    }

    /// The bucket in which the amounts, from the top, reach the target; adds up those above it.
    private static func bucket(_ sums: [UInt64], _ reached: inout UInt64, _ target: UInt64) -> UInt32 {
        var bucket = sums.count - 1
        while bucket > 0, reached + sums[bucket] < target {
            reached += sums[bucket]
            bucket -= 1
        }
        return UInt32(bucket)
    }

    /// The indices of the tokens that are kept, ascending.
    func kept(of keys: [UInt32]) -> [Int] {
        var left = equal
        return keys.indices.filter { index in
            guard keys[index] == key else { return keys[index] > key }
            left -= 1
            return left >= 0
        }
    }

    /// The logit that the key stands for.
    var logit: Float { Float(bitPattern: key >> 31 == 1 ? key & ~(1 << 31) : ~key) }

    /// An integer in the order of the floats; −0 equals +0. Not for NaN.
    static func key(of logit: Float) -> UInt32 {
        let bits = logit == 0 ? 0 : logit.bitPattern
        return bits >> 31 == 1 ? ~bits : bits | 1 << 31
    }
}
