package import Models
package import Proofs

/// What was computed for the beginnings of earlier answers, so that the next question of a conversation, or one with the same
/// instructions, begins where they part. Bounded by positions; the one that was longest of no use goes first.
package final class PrefixShelf {
    /// A shorter beginning is computed sooner than it is copied.
    package static let leastUse = 8

    private let positionLimit: Int
    private var prefixes: [ComputedPrefix] = []

    /// - Parameter positionLimit: of all together; one takes keys and values of every layer, 46 kB in a model of 135 million weights.
    package init(positionLimit: Int) { self.positionLimit = positionLimit }

    package var positions: Int { prefixes.reduce(0) { $0 + $1.tokens.count } }

    /// A copy of the longest known beginning of `prompt`; its last token is always left to be fed.
    /// - Parameter limit: positions that the copy may come to hold.
    package func take(_ prompt: [TokenID], limit: Int) -> ComputedPrefix? {
        var best = (index: -1, length: 0)
        for (index, prefix) in prefixes.enumerated() {
            let length = zip(prefix.tokens, prompt.dropLast()).prefix { $0 == $1 }.count
            if length > best.length { best = (index, length) }
        }
        guard best.length >= Self.leastUse else { return nil }
        let prefix = prefixes.remove(at: best.index)
        prefixes.append(prefix)
        return ComputedPrefix(
            cache: prefix.cache.copy(prefix: best.length, limit: limit),
            tokens: Array(prefix.tokens.prefix(best.length)), roots: Array(prefix.roots.prefix(best.length)))
    }

    package func keep(_ prefix: ComputedPrefix) {
        // What the new one begins with is in it.
        prefixes.removeAll { prefix.tokens.starts(with: $0.tokens) }
        guard prefix.tokens.count >= Self.leastUse, prefix.tokens.count <= positionLimit else { return }
        prefixes.append(prefix)
        while positions > positionLimit { prefixes.removeFirst() }
    }
}
