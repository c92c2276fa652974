internal import Keys
package import Proofs

/// Which providers can answer a question, and in which order they are asked.
package struct ProviderChoice: Sendable {
    package enum Failure: Error, Hashable, Sendable {
        /// Nobody offers the model in this arithmetic.
        case nobody(ModelChoice)
        /// Somebody offers it, but not with this proof.
        case nobodyProving(ModelChoice, VerificationMode)
        /// Prompt and answer together have more tokens than the largest context that is offered.
        case tooLong(prompt: Int, answer: UInt32, context: UInt32)
        /// The cheapest asks more; both in seeds for the whole answer.
        case tooExpensive(cheapest: UInt64, maximum: UInt64)
    }

    package let promptCount: Int
    package let maximumTokens: UInt32
    package let verification: VerificationMode
    /// In seeds for the whole answer; nil = whatever it costs.
    package let maximumPrice: UInt64?

    package init(promptCount: Int, maximumTokens: UInt32, verification: VerificationMode, maximumPrice: UInt64?) {
        self.promptCount = promptCount
        self.maximumTokens = maximumTokens
        self.verification = verification
        self.maximumPrice = maximumPrice
    }

    /// Those who are able and not too dear, best first.
    ///
    /// The first is the better of two drawn at random (Mitzenmacher 2001, "The power of two choices in randomized load
    /// balancing"): were it always the best, every client would ask the same provider. The others follow in order.
    package func order(
        _ candidates: [Candidate], of choice: ModelChoice, using dice: inout some RandomNumberGenerator
    ) throws(Failure) -> [Candidate] {
        guard !candidates.isEmpty else { throw .nobody(choice) }
        let proving = candidates.filter { $0.modes.contains(verification) }
        guard !proving.isEmpty else { throw .nobodyProving(choice, verification) }
        let able = proving.filter(fits)
        guard !able.isEmpty else {
            throw .tooLong(
                prompt: promptCount, answer: maximumTokens, context: proving.map(\.contextLength).max() ?? 0)
        }
        let affordable = able.filter { price(of: $0).map { $0 <= maximumPrice ?? .max } ?? false }
        guard !affordable.isEmpty else {
            throw .tooExpensive(cheapest: able.compactMap(price).min() ?? .max, maximum: maximumPrice ?? .max)
        }
        // Free to choose among equals: a fixed order would favour small keys.
        var ordered = affordable.shuffled(using: &dice).map { ($0, cost(of: $0)) }
        ordered.sort { $0.1 < $1.1 }
        if ordered.count > 2 {
            let (one, two) = (
                Int.random(in: 0..<ordered.count, using: &dice), Int.random(in: 0..<ordered.count, using: &dice)
            )
            let first = ordered.remove(at: min(one, two))
            ordered.insert(first, at: 0)
        }
        return ordered.map(\.0)
    }

    private func fits(_ candidate: Candidate) -> Bool {
        UInt64(promptCount) + UInt64(maximumTokens) <= UInt64(candidate.contextLength)
    }

    /// Of the longest answer, in seeds; nil when it passes what can be counted.
    private func price(of candidate: Candidate) -> UInt64? {
        let (price, overflow) = candidate.pricePerToken.multipliedReportingOverflow(by: UInt64(maximumTokens))
        return overflow ? nil : price
    }

    /// Milliseconds until the answer is expected, made longer by everything that speaks against the provider. Only for comparing.
    private func cost(of candidate: Candidate) -> Double {
        let experience = candidate.experience
        let latency = experience.latency.map { $0 / .milliseconds(1) } ?? 200
        // Ten tokens a second is what is believed of a provider that says nothing.
        let perSecond = candidate.speed > 0 ? Double(candidate.speed) / 1000 : 10
        let writing = Double(maximumTokens) / perSecond * 1000
        let queue = candidate.freeSlots > UInt32(clamping: experience.pending) ? 1.0 : 2.0
        let expected = (latency + writing) * (queue + Double(experience.pending))
        // Each level of reputation is worth half as much time again; so is something at stake.
        let trust = 1 + Double(candidate.standing.level) / 2 + (candidate.standing.stake > 0 ? 0.5 : 0)
        let budget = maximumPrice.map { max(1, Double($0)) }
        let price = Double(candidate.pricePerToken) * Double(maximumTokens)
        let dearness = 1 + (budget.map { price / $0 } ?? 0)
        return expected * Double(1 + experience.failures * experience.failures) * dearness / trust
    }
}
