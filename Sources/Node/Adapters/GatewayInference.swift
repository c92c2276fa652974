import API
import Chain
import Gateway
import Inference
import Keys
import Ledger
import Logging
import Models
import Proofs
import Wire

/// Questions in words, as the gateway takes them, for the services that know tokens only.
struct GatewayInference: InferencePort {
    let models: LanguageModels
    let service: AskService
    let registry: RegistryOnChain
    let payer: PayerService
    let bank: BankOnChain
    let receiptStore: KeptAnswers<HeldReceipt>
    /// Nil unless every question of this node is to be answered wrongly.
    let plants: PlantedFaults?
    let tell: NodeEvents
    let logger: Logger

    func answer(
        to question: Question
    ) async throws(Problem) -> @Sendable (_ tell: @escaping Telling) async throws -> Void {
        let entry = try await models.entry(question.model)
        let inquiry = try await inquiry(question, entry)
        return { tell in
            let telling = AnswerTelling(port: self, entry: entry, inquiry: inquiry, check: question.check, tell: tell)
            try await telling.run()
        }
    }

    /// The question as tokens.
    func inquiry(_ question: Question, _ entry: LanguageModels.Entry) async throws(Problem) -> Inquiry {
        guard let verification = VerificationMode(question.verification) else {
            throw .invalid(
                "verification is '\(question.verification)'.", remedy: "It is one of none, merkle, fraud, zk.")
        }
        guard verification != .zk else {
            throw .invalid(
                "Proofs in zero knowledge of a whole answer are not offered.", remedy: "Ask with merkle or fraud.")
        }
        let maximumPrice = try question.maximumPrice.map { text throws(Problem) in
            guard let seeds = UInt64(text) else { throw .invalid("maximumPrice is '\(text)', not a number of seeds.") }
            return seeds
        }
        let prompt = try self.prompt(question, entry)
        let arithmetic = await arithmetic(for: entry.root)
        let named = try self.nonce(question.nonce)
        return Inquiry(
            choice: ModelChoice(model: entry.root, arithmetic: arithmetic), prompt: prompt,
            sampling: try SamplingParameters(question), verification: verification,
            // Whoever has ordered a wrong answer is not surprised by it.
            depth: plants == nil ? Examination.Depth(question.check) : .receipt, maximumPrice: maximumPrice,
            providers: try await provider(question.provider),
            nonce: plants?.nonce(for: prompt) ?? named)
    }

    private func nonce(_ text: String?) throws(Problem) -> Digest? {
        guard let text else { return nil }
        guard let nonce = Digest(hex: text) else {
            throw .invalid("nonce is '\(text)'.", remedy: "It is 64 hexadecimal digits.")
        }
        return nonce
    }

    private func prompt(_ question: Question, _ entry: LanguageModels.Entry) throws(Problem) -> [TokenID] {
        var tokens: [TokenID]
        if let text = question.prompt {
            tokens = entry.tokenizer.encode(text, parsesSpecial: true, addsSpecial: true)
        } else {
            var messages: [ChatMessage] = []
            for message in question.messages {
                guard let role = ChatMessage.Role(rawValue: message.role) else {
                    throw .invalid("'\(message.role)' is no role.", remedy: "It is system, user or assistant.")
                }
                messages.append(ChatMessage(role, message.content))
            }
            do throws(ModelError) {
                tokens = try entry.template.get().encode(messages, addGenerationPrompt: true, with: entry.tokenizer)
            } catch { throw Problem(error) }
        }
        let room = entry.rules.contextLength
        guard !tokens.isEmpty, tokens.count < room else {
            throw .invalid("The question has \(tokens.count) tokens; the model takes 1 to \(room - 1).")
        }
        return tokens
    }

    /// The arithmetic in which the model is offered; the quicker one when both are.
    private func arithmetic(for root: Digest) async -> Arithmetic {
        let offered = await service.providers().flatMap(\.entry.announcement.offers).map(\.choice)
        return offered.contains(ModelChoice(model: root, arithmetic: .int8)) ? .int8 : .float32
    }

    private func provider(_ text: String?) async throws(Problem) -> Set<AccountID>? {
        guard let text else { return nil }
        if let account = AccountID(text) { return [account] }
        if let peer = PeerID(text),
            let entry = await service.providers().first(where: { $0.entry.announcement.peer == peer })
        {
            return [entry.entry.announcement.account]
        }
        throw .notFound("'\(text)' is no provider that is known here.", remedy: "See: banyan providers")
    }

    // MARK: Who answers

    func providers() async -> [ProviderReport] {
        var reports: [ProviderReport] = []
        for (entry, _) in await service.providers() {
            let announcement = entry.announcement
            let standing = await registry.standing(of: announcement.account)
            reports.append(
                ProviderReport(
                    provider: "\(announcement.account)", peer: "\(announcement.peer)",
                    addresses: announcement.addresses.map { "\($0)" }, offers: announcement.offers.map(\.report),
                    stake: String(standing.stake), reputationLevel: Int(standing.level), expires: announcement.expires))
        }
        return reports
    }

    func quotes(for question: Question) async throws(Problem) -> [QuoteReport] {
        let entry = try await models.entry(question.model)
        let inquiry = try await inquiry(question, entry)
        var reports: [QuoteReport] = []
        for quoted in await service.quotes(for: inquiry) { reports.append(QuoteReport(quoted, of: inquiry)) }
        return reports
    }

    // MARK: Receipts

    func receipts() async throws(Problem) -> [ReceiptReport] {
        // A person looks at the last ones.
        receiptStore.jobs.prefix(200).compactMap { (try? receiptStore.record(of: $0))?.map(ReceiptReport.init) }
    }

    func receipt(_ id: String) async throws(Problem) -> ReceiptReport {
        guard let job = Digest(hex: id) else { throw .invalid("'\(id)' is no id of a receipt.") }
        guard let held = try? receiptStore.record(of: job) else {
            throw .notFound("There is no receipt \(id) here.", remedy: "See: banyan receipt list")
        }
        var report = ReceiptReport(held)
        report.bundle = Hex.encode(held.exchange.canonicalBytes)
        report.ledger = await registry.chain.head.state.standing(of: held.exchange.receipt.answer)
        return report
    }
}
