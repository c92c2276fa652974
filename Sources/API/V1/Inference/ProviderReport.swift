/// `GET /v1/inference/providers`: one provider as it announces itself, and what the ledger says of it.
package struct ProviderReport: Codable, Hashable, Sendable {
    package struct Offer: Codable, Hashable, Sendable {
        /// What people call the model.
        package var name: String
        /// Hexadecimal digest of the model.
        package var model: String
        /// `f32` or `int8`.
        package var arithmetic: String
        /// In seeds for each token of the answer, a decimal string.
        package var pricePerToken: String
        /// Tokens a second of one answer as measured lately; nil before the first.
        package var tokensPerSecond: Double?
        package var freeSlots: Int
        package var contextLength: Int
        /// Some of `none`, `merkle`, `fraud`, `zk`.
        package var verification: [String]

        package init(
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

    package var provider: String
    package var peer: String
    package var addresses: [String]
    package var offers: [Offer]
    /// In seeds, a decimal string.
    package var stake: String
    /// 0 = nothing known, 1…3 as on the ledger.
    package var reputationLevel: Int
    /// In milliseconds since 1970; the announcement counts until then.
    package var expires: UInt64

    package init(
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
