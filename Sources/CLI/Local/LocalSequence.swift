import Keys
import Models

/// One text that a model of this machine continues, token by token.
struct LocalSequence {
    private let transformer: Transformer
    private let cache: KeyValueCache
    private let sampler: Sampler
    private let endTokens: Set<TokenID>
    private let observer: (any StateObserver)?
    private let promptCount: Int
    private var logits: [Float]
    /// The last token, which is fed when another is wanted.
    private var pending: TokenID?
    private var count = 0
    /// Why the text ended; nil while it goes on.
    private(set) var stop: StopReason?

    /// Feeds the prompt.
    /// - Parameters:
    ///   - endTokens: that end the text; none to go on behind them.
    ///   - observer: sees every state.
    init(
        _ prompt: [TokenID], with transformer: Transformer, sampler: Sampler, endTokens: Set<TokenID>,
        observer: (any StateObserver)? = nil
    ) throws(ModelError) {
        self.transformer = transformer
        (self.sampler, self.endTokens, self.observer) = (sampler, endTokens, observer)
        let shape = transformer.model.shape
        guard !prompt.isEmpty else { throw .inputMismatch("a prompt without a token") }
        guard prompt.count <= shape.contextLength else {
            throw .contextFull(positions: prompt.count, limit: shape.contextLength)
        }
        cache = KeyValueCache(shape, limit: prompt.count + Int(sampler.parameters.maximumTokens))
        promptCount = prompt.count
        logits = try transformer.forward([.init(cache: cache, tokens: prompt, logits: .last)], observer: observer)[0]
    }

    /// - Returns: the next token and its logit; nil when the text has ended.
    mutating func next() throws(ModelError) -> (token: TokenID, logit: Float)? {
        guard stop == nil else { return nil }
        if let pending {
            logits = try transformer.forward(
                [.init(cache: cache, tokens: [pending], logits: .last)], observer: observer)[0]
        }
        let token = sampler.sample(logits, position: cache.count - 1)
        pending = token
        count += 1
        stop = StopReason.after(
            token, count: count, prompt: promptCount, sampling: sampler.parameters, endTokens: endTokens,
            contextLength: transformer.model.shape.contextLength)
        return (token, logits[Int(token)])
    }
}
