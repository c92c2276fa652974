package import Models

extension Transformer {
    /// Feeds the tokens of one sequence from position 0 in one pass and shows every state to the observers. Nobody samples.
    package func replay(_ tokens: [TokenID], observers: [any StateObserver]) throws(ModelError) {
        let cache = KeyValueCache(model.shape, limit: tokens.count)
        _ = try forward(
            [Piece(cache: cache, tokens: tokens, logits: .none)], observer: PieceObservers([observers]))
    }
}
