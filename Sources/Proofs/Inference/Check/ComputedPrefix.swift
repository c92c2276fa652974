package import Keys
package import Models

/// The first positions of a sequence as this machine has computed them: whoever believes only itself may begin with them.
package struct ComputedPrefix {
    package let cache: KeyValueCache
    /// As far as the cache goes.
    package let tokens: [TokenID]
    /// Roots over the states of each position, for transcripts.
    package let roots: [Digest]

    /// - Precondition: as many tokens and roots as positions.
    package init(cache: KeyValueCache, tokens: [TokenID], roots: [Digest]) {
        precondition(
            cache.count == tokens.count && tokens.count == roots.count,
            "\(cache.count) positions, \(tokens.count) tokens, \(roots.count) roots")
        self.cache = cache
        self.tokens = tokens
        self.roots = roots
    }
}
