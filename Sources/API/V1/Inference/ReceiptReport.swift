/// `GET /v1/inference/receipts` (newest first) and `/v1/inference/receipts/{id}`: an answer this node has asked for.
package struct ReceiptReport: Codable, Hashable, Sendable {
    /// Hexadecimal digest of the request.
    package var id: String
    package var provider: String
    package var client: String
    /// Hexadecimal digest of the model.
    package var model: String
    package var arithmetic: String
    package var promptTokens: Int
    package var outputTokens: Int
    package var stop: String
    /// In seeds, a decimal string.
    package var price: String
    package var verification: String
    /// `open`, `right`, or what was wrong.
    package var verdict: String
    /// In milliseconds since 1970, when the receipt came.
    package var time: UInt64
    /// Only for one receipt: canonical bytes, hexadecimal, of signed request, answer and signed receipt in this order, which
    /// `banyan receipt verify` checks without a node.
    package var bundle: String?

    package init(
        id: String, provider: String, client: String, model: String, arithmetic: String, promptTokens: Int,
        outputTokens: Int, stop: String, price: String, verification: String, verdict: String, time: UInt64,
        bundle: String? = nil
    ) {
        self.id = id
        self.provider = provider
        self.client = client
        self.model = model
        self.arithmetic = arithmetic
        self.promptTokens = promptTokens
        self.outputTokens = outputTokens
        self.stop = stop
        self.price = price
        self.verification = verification
        self.verdict = verdict
        self.time = time
        self.bundle = bundle
    }
}
