/// Which tokens of a vocabulary may come next.
package struct TokenMask: Hashable, Sendable {
    /// Tokens of the vocabulary.
    package let count: Int
    private var words: [UInt64]

    /// Allows nothing.
    package init(count: Int) {
        self.count = count
        words = [UInt64](repeating: 0, count: (count + 63) / 64)
    }

    package mutating func allow(_ token: TokenID) { words[Int(token) / 64] |= 1 << UInt64(token % 64) }

    package func allows(_ token: TokenID) -> Bool {
        Int(token) < count && words[Int(token) / 64] >> UInt64(token % 64) & 1 == 1
    }

    /// The allowed token with the lowest number.
    package var lowest: TokenID? {
        guard let word = words.firstIndex(where: { $0 != 0 }) else { return nil }
        return TokenID(word * 64 + words[word].trailingZeroBitCount)
    }
}
