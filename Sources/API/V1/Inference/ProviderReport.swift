/// `GET /v1/inference/providers`: one provider as it announces itself, and what the ledger says of it.
public struct ProviderReport: Codable, Hashable, Sendable {
    public struct Offer: Codable, Hashable, Sendable {
        /// What people call the model.
        public var name: String
        /// Hexadecimal digest of the model.
        public var model: String
        /// `f32` or `int8`.
        public var arithmetic: String
        /// In seeds for each token of the answer, a decimal string.
        public var pricePerToken: String
        /// Tokens a second of one answer as measured lately; nil before the first.
        public var tokensPerSecond: Double?
        public var freeSlots: Int
        public var contextLength: Int
        /// Some of `none`, `merkle`, `fraud`, `zk`.
        public var verification: [String]

        public init(
            name: String, model: String, arithmetic: String, pricePerToken: String, tokensPerSecond: Double?,
            freeSlots: Int, contextLength: Int, verification: [String]
        ) {
            self.name = name
            self.model = model
            self.arithmetic = arithmetic
            self.pricePerToken = pricePerToken
            self.tokensPerSecond = tokensPerSecond
            self.freeSlots = freeSlots
            self.contextLength = contextLength
            self.verification = verification
        }
    }

    public var provider: String
    public var peer: String
    public var addresses: [String]
    public var offers: [Offer]
    /// In seeds, a decimal string.
    public var stake: String
    /// 0 = nothing known, 1…3 as on the ledger.
    public var reputationLevel: Int
    /// In milliseconds since 1970; the announcement counts until then.
    public var expires: UInt64

    public init(
        provider: String, peer: String, addresses: [String], offers: [Offer], stake: String, reputationLevel: Int,
        expires: UInt64
    ) {
        self.provider = provider
        self.peer = peer
        self.addresses = addresses
        self.offers = offers
        self.stake = stake
        self.reputationLevel = reputationLevel
        self.expires = expires
    }
}
