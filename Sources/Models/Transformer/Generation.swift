/// One answer in the making: what to feed next, and what comes of it. Many can be in one pass.
///
/// Token i of prompt and answer has position i; the token after position p is `sampler.sample(logits, position: p)`. The last token of
/// an answer is never fed, so a prompt that fills the context still has an answer of one token.
package struct Generation {
    package let cache: KeyValueCache
    /// Prompt and answer.
    package private(set) var tokens: [TokenID]
    package let promptCount: Int
    /// Why the answer is complete; nil while it is not.
    package private(set) var stop: StopReason?
    private let sampler: Sampler
    private let endTokens: Set<TokenID>

    /// - Parameter cache: may hold the first positions of the prompt already; at least the last one is fed again.
    /// - Throws: ``ModelError`` when the prompt is empty, or longer than the context of the model or the cache.
    package init(
        cache: KeyValueCache, prompt: [TokenID], sampler: Sampler, endTokens: Set<TokenID>
    ) throws(ModelError) {
        guard !prompt.isEmpty else { throw .inputMismatch("an empty prompt; at least one token is needed") }
        guard prompt.count <= cache.limit else { throw .contextFull(positions: prompt.count, limit: cache.limit) }
        self.cache = cache
        self.sampler = sampler
        self.endTokens = endTokens
        tokens = prompt
        promptCount = prompt.count
        cache.truncate(to: min(cache.count, prompt.count - 1))
    }

    /// An answer with a cache of its own, large enough for the longest that the sampler's parameters allow.
    package init(
        _ prompt: [TokenID], of shape: TransformerShape, sampler: Sampler, endTokens: Set<TokenID>
    ) throws(ModelError) {
        let cache = KeyValueCache(shape, limit: prompt.count + Int(sampler.parameters.maximumTokens))
        try self.init(cache: cache, prompt: prompt, sampler: sampler, endTokens: endTokens)
    }

    package var output: [TokenID] { Array(tokens[promptCount...]) }
    /// Tokens that are known and not fed: the rest of the prompt, or the last one of the answer. Of no use when it is complete.
    package var unfed: Int { tokens.count - cache.count }

    /// What to feed next: the rest of the prompt, at most `limit` tokens of it, or the last token of the answer.
    /// - Returns: nil when the answer is complete.
    package func next(limit: Int = .max) -> Transformer.Piece? {
        guard stop == nil else { return nil }
        let end = cache.count + min(limit, unfed)
        return Transformer.Piece(
            cache: cache, tokens: Array(tokens[cache.count..<end]), logits: end == tokens.count ? .last : .none)
    }

    /// Takes the logits of the piece that ``next(limit:)`` gave, after it was fed.
    /// - Returns: the next token of the answer; nil while the prompt is not all fed.
    package mutating func take(_ logits: [Float]) -> TokenID? {
        guard stop == nil, !logits.isEmpty else { return nil }
        let token = sampler.sample(logits, position: tokens.count - 1)
        tokens.append(token)
        stop = StopReason.after(
            token, count: tokens.count - promptCount, prompt: promptCount, sampling: sampler.parameters,
            endTokens: endTokens, contextLength: cache.shape.contextLength)
        return token
    }

    /// Feeds what is next, alone.
    /// - Returns: the next token and its logit; nil when the answer is complete.
    package mutating func step(
        on transformer: Transformer, observer: (any StateObserver)? = nil
    ) throws(ModelError) -> (token: TokenID, logit: Float)? {
        guard let piece = next() else { return nil }
        let logits = try transformer.forward([piece], observer: observer)[0]
        return take(logits).map { ($0, logits[Int($0)]) }
    }
}
