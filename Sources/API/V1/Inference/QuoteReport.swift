/// `POST /v1/inference/quotes`: the body is a ``Question``; the answer is a list of these, the best first.
public struct QuoteReport: Codable, Hashable, Sendable {
    public var provider: String
    public var peer: String
    public var model: String
    public var arithmetic: String
    public var promptTokens: Int
    /// In seeds for each token of the answer, a decimal string.
    public var pricePerToken: String
    /// In seeds, a decimal string: what the question costs at most.
    public var maximumPrice: String
    public var tokensPerSecond: Double?
    /// Questions that would be answered before.
    public var waiting: Int
    public var verification: [String]
    /// Why this provider would not be asked; nil when it would.
    public var refusal: String?

    public init(
        provider: String, peer: String, model: String, arithmetic: String, promptTokens: Int, pricePerToken: String,
        maximumPrice: String, tokensPerSecond: Double?, waiting: Int, verification: [String], refusal: String? = nil
    ) {
        self.provider = provider
        self.peer = peer
        self.model = model
        self.arithmetic = arithmetic
        self.promptTokens = promptTokens
        self.pricePerToken = pricePerToken
        self.maximumPrice = maximumPrice
        self.tokensPerSecond = tokensPerSecond
        self.waiting = waiting
        self.verification = verification
        self.refusal = refusal
    }
}
