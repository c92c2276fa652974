package import Models

extension Transformer {
    /// Feeds the tokens of one sequence from position 0 and shows every state to the observers. Nobody samples.
    package func replay(_ tokens: [TokenID], observers: [any StateObserver]) throws(ModelError) {
        try replay(tokens, in: KeyValueCache(model.shape, limit: tokens.count), observers: observers)
    }

    /// The same from the first position on that the cache does not hold.
    ///
    /// Whoever shares the transformer has a ``turn`` before each piece; the states do not depend on where they are cut.
    package func replay(
        _ tokens: [TokenID], in cache: KeyValueCache, observers: [any StateObserver]
    ) throws(ModelError) {
        let start = cache.count
        while cache.count < tokens.count {
            let count = min(turn?() ?? tokens.count, tokens.count - cache.count)
            let piece = Piece(
                cache: cache, tokens: Array(tokens[cache.count..<cache.count + count]), logits: .none)
            do throws(ModelError) {
                _ = try forward([piece], observer: PieceObservers([observers]))
            } catch {
                // Of several positions that cannot be computed, the one that is named depends on the cut: in one piece it is the
                // same on every machine.
                if count < tokens.count - start {
                    let whole = KeyValueCache(model.shape, limit: tokens.count)
                    _ = try forward([Piece(cache: whole, tokens: tokens, logits: .none)])
                }
                throw error
            }
        }
    }
}
