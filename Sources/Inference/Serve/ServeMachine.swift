package import Keys
package import Models
package import Proofs

/// Decides which questions a provider takes, and which of them are answered now. Pure: no clock, no dice, no network.
package struct ServeMachine: Sendable {
    package struct Limits: Hashable, Sendable {
        /// Answers computed at the same time. More make each slower and all together faster.
        package var running = 16
        /// Questions taken that wait for their turn.
        package var waiting = 256
        /// Questions of one peer, waiting and running: less than all, so that one peer cannot shut out the others.
        package var perPeer = 128

        package init() {}
    }

    /// What is decided by; the caller has checked that the client signed it.
    package struct Question: Hashable, Sendable {
        package let job: Digest
        package let client: AccountID
        package let provider: AccountID
        package let node: PublicKey
        package let choice: ModelChoice
        package let promptCount: Int
        /// The largest token id of the prompt.
        package let largestToken: TokenID
        package let maximumTokens: UInt32
        package let verification: VerificationMode
        package let pricePerToken: UInt64

        package init(_ request: InferenceRequest) {
            job = request.id
            client = request.client
            provider = request.provider
            node = request.node
            choice = ModelChoice(of: request)
            promptCount = request.prompt.count
            largestToken = request.prompt.max() ?? 0
            maximumTokens = request.sampling.maximumTokens
            verification = request.verification
            pricePerToken = request.pricePerToken
        }
    }

    package enum Input: Hashable, Sendable {
        case asked(UInt64, by: PeerID, Question)
        /// Answered, failed or given up.
        case ended(UInt64)
        /// Take nothing more; what runs may finish.
        case drain
    }

    package enum Effect: Hashable, Sendable {
        /// Taken; so many are answered before it.
        case accept(UInt64, waiting: UInt32)
        case start(UInt64)
        case refuse(UInt64, Refusal)
        /// Nothing is left of what was taken.
        case drained
    }

    package static let modes: Set<VerificationMode> = [.none, .merkle, .fraud]

    private struct Taken: Hashable {
        let peer: PeerID
        let job: Digest
    }

    private let account: AccountID
    private let node: PublicKey
    private let limits: Limits
    private let models: [ModelChoice: ServedModel]
    private let prices: [ModelChoice: UInt64]
    private var waiting: [(id: UInt64, Taken)] = []
    private var running: [UInt64: Taken] = [:]
    private var isDraining = false

    /// - Parameters:
    ///   - account: whom this node answers for; `node` is its key.
    ///   - models: each with its price in seeds a token.
    package init(
        account: AccountID, node: PublicKey, models: [(ServedModel, pricePerToken: UInt64)], limits: Limits = Limits()
    ) {
        self.account = account
        self.node = node
        self.limits = limits
        self.models = Dictionary(models.map { ($0.0.choice, $0.0) }) { first, _ in first }
        prices = Dictionary(models.map { ($0.0.choice, $0.pricePerToken) }) { first, _ in first }
    }

    package var waitingCount: Int { waiting.count }
    package var freeSlots: Int { max(0, limits.running - running.count - waiting.count) }
    package var isIdle: Bool { waiting.isEmpty && running.isEmpty }

    package mutating func step(_ input: Input) -> [Effect] {
        switch input {
        case .asked(let id, let peer, let question):
            if let refusal = refusal(of: question, by: peer) { return [.refuse(id, refusal)] }
            waiting.append((id, Taken(peer: peer, job: question.job)))
            let ahead = max(0, running.count + waiting.count - limits.running)
            return [.accept(id, waiting: UInt32(ahead))] + startNext()
        case .ended(let id):
            running[id] = nil
            waiting.removeAll { $0.id == id }
            return startNext() + (isDraining && isIdle ? [.drained] : [])
        case .drain:
            guard !isDraining else { return [] }
            isDraining = true
            let refused = waiting.map { Effect.refuse($0.id, Self.leaving) }
            waiting = []
            return refused + (isIdle ? [.drained] : [])
        }
    }

    private static let leaving = Refusal(.leaving, "This provider is leaving; ask another.")

    /// Of the peers with the fewest answers running, the question that has waited longest.
    private mutating func startNext() -> [Effect] {
        var effects: [Effect] = []
        while running.count < limits.running, !waiting.isEmpty {
            let busy = running.values.reduce(into: [PeerID: Int]()) { $0[$1.peer, default: 0] += 1 }
            let least = waiting.map { busy[$0.1.peer] ?? 0 }.min() ?? 0
            let index = waiting.firstIndex { busy[$0.1.peer] ?? 0 == least } ?? 0
            let next = waiting.remove(at: index)
            running[next.id] = next.1
            effects.append(.start(next.id))
        }
        return effects
    }

    private func refusal(of question: Question, by peer: PeerID) -> Refusal? {
        if isDraining { return Self.leaving }
        guard question.provider == account, question.node == node else {
            return Refusal(.badRequest, "The request is for \(question.provider), and this is \(account).")
        }
        guard let model = models[question.choice], let price = prices[question.choice] else {
            let (digest, arithmetic) = (question.choice.model.short, question.choice.arithmetic)
            return Refusal(.unknownModel, "The model \(digest)… in \(arithmetic) is not offered here.")
        }
        if let refusal = verificationRefusal(question, model) { return refusal }
        guard question.largestToken < model.vocabulary else {
            return Refusal(
                .badRequest, "The token \(question.largestToken) is none of the model's \(model.vocabulary).")
        }
        // In 64 bits: neither number is trusted.
        guard UInt64(question.promptCount) + UInt64(question.maximumTokens) <= UInt64(model.contextLength) else {
            return Refusal(
                .tooLong,
                "\(question.promptCount) tokens of prompt and \(question.maximumTokens) of answer do not fit into the context of \(model.contextLength)."
            )
        }
        // Nobody pays itself.
        guard question.pricePerToken >= price || question.client == account else {
            return Refusal(.tooCheap, "A token costs \(price) seeds here; \(question.pricePerToken) are offered.")
        }
        return crowdingRefusal(question, by: peer)
    }

    private func verificationRefusal(_ question: Question, _ model: ServedModel) -> Refusal? {
        let length = UInt64(question.promptCount) + UInt64(question.maximumTokens)
        if question.verification == .fraud, length > UInt64(model.disputableLength) {
            return Refusal(
                .unsupportedVerification,
                "A dispute about \(length) tokens does not fit the ledger, at most \(model.disputableLength) do; ask for fewer, or with merkle."
            )
        }
        guard !Self.modes.contains(question.verification) else { return nil }
        return Refusal(
            .unsupportedVerification,
            "Proofs in zero knowledge of a whole answer are not offered; ask with merkle or fraud.")
    }

    private func crowdingRefusal(_ question: Question, by peer: PeerID) -> Refusal? {
        let taken = waiting.map(\.1) + running.values
        guard !taken.contains(where: { $0.job == question.job }) else {
            return Refusal(.duplicate, "The request \(question.job.short)… is being answered already.")
        }
        guard taken.count(where: { $0.peer == peer }) < limits.perPeer else {
            return Refusal(.tooManyFromPeer, "\(limits.perPeer) questions of this peer are here already.")
        }
        guard waiting.count < limits.waiting else {
            return Refusal(.busy, "\(limits.waiting) questions wait already.")
        }
        return nil
    }
}
