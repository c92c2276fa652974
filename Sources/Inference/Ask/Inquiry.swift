package import Keys
package import Models
package import Proofs

/// What somebody wants to know, as token ids.
package struct Inquiry: Hashable, Sendable {
    package let choice: ModelChoice
    /// With the chat template's tokens.
    package let prompt: [TokenID]
    package let sampling: SamplingParameters
    package let verification: VerificationMode
    /// How far this node checks the answer itself, before it is paid.
    package let depth: Examination.Depth
    /// In seeds for the whole answer; nil = whatever it costs.
    package let maximumPrice: UInt64?
    /// Only these providers; nil = whoever offers the model.
    package let providers: Set<AccountID>?
    /// Makes the same question to the same provider the same request, which is answered and paid once; nil = a fresh one.
    package let nonce: Digest?

    package init(
        choice: ModelChoice, prompt: [TokenID], sampling: SamplingParameters, verification: VerificationMode = .merkle,
        depth: Examination.Depth = .receipt, maximumPrice: UInt64? = nil,
        providers: Set<AccountID>? = nil, nonce: Digest? = nil
    ) {
        self.choice = choice
        self.prompt = prompt
        self.sampling = sampling
        self.verification = verification
        self.depth = depth
        self.maximumPrice = maximumPrice
        self.providers = providers
        self.nonce = nonce
    }
}

/// What happens while a question is answered.
package enum AskEvent: Hashable, Sendable {
    case asking(provider: AccountID, attempt: Int)
    case accepted(provider: AccountID, attempt: Int)
    case tokens([TokenID])
    /// A provider has lied: the tokens from this index on are not part of the answer.
    case retracted(from: Int)
    case attemptFailed(provider: AccountID, AttemptFailure)
    /// The answer is whole; the check that was asked for begins.
    case checking(provider: AccountID, Examination.Depth)
    case checked(provider: AccountID, job: Digest, Examination, positions: Int, time: Duration)
    /// With the transaction that accuses the provider, if there is one.
    case dishonest(provider: AccountID, InferenceFault, accusation: Digest?)
}

/// A question with its answer.
package struct AskResult: Hashable, Sendable {
    package let tokens: [TokenID]
    package let provider: AccountID
    /// Covers every token after the first `base`; those came from a provider that failed before it could sign.
    package let exchange: Exchange
    package let base: Int
    package let examination: Examination
    /// Requests sent, this one and the failed ones.
    package let attempts: Int
    /// In seeds; 0 when the answer is free.
    package let price: UInt64
    /// The voucher that pays for it; nil when the answer is free, or could not be paid for yet.
    package let voucher: [UInt8]?
}

package enum AskFailure: Error, Hashable, Sendable {
    case noProvider(ProviderChoice.Failure)
    /// None of the providers that it was to be asked of offers the model in this arithmetic, or can be paid.
    case notOffered(ModelChoice, by: Set<AccountID>)
    /// Every provider asked failed; the reasons in order.
    case allFailed([AttemptFailure])
    /// The question cannot be asked of anybody.
    case badQuestion(String)
    /// As many questions of this node are under way as may be.
    case busy(limit: Int)
}
