/// One answer in the making: what to feed next, and what comes of it. Many can be in one pass.
///
/// Token i of prompt and answer has position i; the token after position p is `sampler.sample(logits, position: p)`.
package struct Generation {
    package let cache: KeyValueCache
    package let prompt: [TokenID]
    package private(set) var output: [TokenID] = []
    /// Why the answer is complete; nil while it is not.
    package private(set) var stop: StopReason?
    private let sampler: Sampler
    private let endTokens: Set<TokenID>

    /// - Parameter cache: may hold the first positions of the prompt already; at least the last one is fed again.
    /// - Throws: ``ModelError`` when the prompt is empty, or the context holds no token after it.
    package init(
        cache: KeyValueCache, prompt: [TokenID], sampler: Sampler, endTokens: Set<TokenID>
    ) throws(ModelError) {
        guard !prompt.isEmpty else { throw .inputMismatch("an empty prompt; at least one token is needed") }
        guard prompt.count < cache.limit else { throw .contextFull(positions: prompt.count + 1, limit: cache.limit) }
        self.cache = cache
        self.prompt = prompt
        self.sampler = sampler
        self.endTokens = endTokens
        cache.truncate(to: min(cache.count, prompt.count - 1))
    }

    /// What to feed next: the rest of the prompt, at most `limit` tokens of it, or the last token of the answer.
    /// - Returns: nil when the answer is complete.
    package func next(limit: Int = .max) -> Transformer.Piece? {
        guard stop == nil else { return nil }
        guard cache.count < prompt.count else {
            return Transformer.Piece(cache: cache, tokens: output.suffix(1), logits: .last)
        }
        let end = min(prompt.count, cache.count + min(limit, prompt.count))
        return Transformer.Piece(
            cache: cache, tokens: Array(prompt[cache.count..<end]), logits: end == prompt.count ? .last : .none)
    }

    /// Takes the logits of the piece that ``next(limit:)`` gave, after it was fed.
    /// - Returns: the next token of the answer; nil while the prompt is not all fed.
    package mutating func take(_ logits: [Float]) -> TokenID? {
        guard stop == nil, !logits.isEmpty else { return nil }
        let token = sampler.sample(logits, position: cache.count - 1)
        output.append(token)
        stop = StopReason.after(
            token, count: output.count, prompt: prompt.count, sampling: sampler.parameters, endTokens: endTokens,
            contextLength: cache.limit)
        return token
    }

    /// Feeds what is next, alone.
    /// - Returns: the next token; nil when the answer is complete.
    package mutating func step(
        on transformer: Transformer, observer: (any StateObserver)? = nil
    ) throws(ModelError) -> TokenID? {
        guard let piece = next() else { return nil }
        return take(try transformer.forward([piece], observer: observer)[0])
    }
}
