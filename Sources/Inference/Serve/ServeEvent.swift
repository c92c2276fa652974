package import Keys

/// What a provider does, as it happens, for people and logs. Nothing decides by these.
package enum ServeEvent: Hashable, Sendable {
    package struct Answered: Hashable, Sendable {
        package let job: Digest
        package let receipt: Digest
        package let client: AccountID
        package let choice: ModelChoice
        package let promptTokens: Int
        package let tokens: Int
        /// In seeds.
        package let price: UInt64
        /// From the turn of the question to its receipt.
        package let time: Duration
    }

    /// A question was taken.
    case asked(job: Digest, client: AccountID, choice: ModelChoice)
    case answered(Answered)
    case refused(PeerID, Refusal)
    /// The client went away, took its question back, or read too slowly, when so many tokens were computed.
    case abandoned(job: Digest, tokens: Int)
    case paid(job: Digest, seeds: UInt64)
}
