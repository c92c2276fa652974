/// How long ``AskMachine`` waits for whom, and how often it tries.
package struct AskRules: Hashable, Sendable {
    /// Whether the tokens do not depend on the seed: temperature 0.
    package var isDeterministic = true
    /// Tokens of the whole answer.
    package var maximumTokens: UInt32 = 256
    /// For what must be done before the question can be sent, e.g. until a payment channel is on the ledger.
    package var prepareWithin: Duration = .seconds(30)
    /// Without a token for so long after the question was sent, another provider is asked beside the first.
    package var hedgeAfter: Duration = .seconds(2)
    /// Providers asked at the same time.
    package var parallel = 2
    /// Without an answer to the request, or a token, for so long the attempt has failed.
    package var silenceAfter: Duration = .seconds(15)
    /// A question that was taken may wait so long for its turn.
    package var queuePatience: Duration = .seconds(300)
    /// Requests in all.
    package var attempts = 64
    /// When everybody known has failed, who is there is looked up again after so long: a provider may just be starting anew.
    package var lookAfter: Duration = .seconds(1)
    /// Times that this is done.
    package var looks = 15
    /// For the whole question.
    package var deadline: Duration = .seconds(900)

    package init() {}
}
