package import Models

extension Transformer {
    /// Feeds the tokens of one sequence from position 0 in one pass and shows every state to the observers. Nobody samples.
    package func replay(_ tokens: [TokenID], observers: [any StateObserver]) throws(ModelError) {
        try replay(tokens, in: KeyValueCache(model.shape, limit: tokens.count), observers: observers)
    }

    /// The same from the first position on that the cache does not hold.
    package func replay(
        _ tokens: [TokenID], in cache: KeyValueCache, observers: [any StateObserver]
    ) throws(ModelError) {
        let rest = Array(tokens[cache.count...])
        _ = try forward([Piece(cache: cache, tokens: rest, logits: .none)], observer: PieceObservers([observers]))
    }
}
