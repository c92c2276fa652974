/// `GET /v1/inference/receipts` (newest first) and `/v1/inference/receipts/{id}`: an answer this node has asked for.
public struct ReceiptReport: Codable, Hashable, Sendable {
    /// Hexadecimal digest of the request.
    public var id: String
    public var provider: String
    public var client: String
    /// Hexadecimal digest of the model.
    public var model: String
    public var arithmetic: String
    public var promptTokens: Int
    public var outputTokens: Int
    public var stop: String
    /// In seeds, a decimal string.
    public var price: String
    public var verification: String
    /// `open`, `right`, or what was wrong.
    public var verdict: String
    /// In milliseconds since 1970, when the receipt came.
    public var time: UInt64
    /// Only for one receipt: canonical bytes, hexadecimal, of signed request, answer and signed receipt in this order, which
    /// `banyan receipt verify` checks without a node.
    public var bundle: String?

    public init(
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
