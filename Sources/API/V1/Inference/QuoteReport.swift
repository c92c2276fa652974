/// `POST /v1/inference/quotes`: the body is a ``Question``; the answer is a list of these, the best first.
package struct QuoteReport: Codable, Hashable, Sendable {
    package var provider: String
    package var peer: String
    package var model: String
    package var arithmetic: String
    package var promptTokens: Int
    /// In seeds for each token of the answer, a decimal string.
    package var pricePerToken: String
    /// In seeds, a decimal string: what the question costs at most.
    package var maximumPrice: String
    package var tokensPerSecond: Double?
    /// Questions that would be answered before.
    package var waiting: Int
    package var verification: [String]
    /// Why this provider would not be asked; nil when it would.
    package var refusal: String?

    package init(
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
