internal import Keys
internal import Logging
internal import Models
internal import Proofs
internal import Transport

/// One question on its way: performs what ``AskMachine`` decides. Requests and timers are child tasks.
struct InquiryTask: Sendable {
    let service: AskService
    let inquiry: Inquiry

    private var settings: AskService.Settings { service.settings }

    func run(
        _ candidates: [Candidate], tell: (AskEvent) async throws -> Void
    ) async throws -> AskResult {
        var rules = settings.rules
        rules.isDeterministic = inquiry.sampling.temperature == 0
        rules.maximumTokens = inquiry.sampling.maximumTokens
        var machine = AskMachine(rules: rules)
        // Eight messages: a slow reader of the answer holds the provider's stream back.
        let mailbox = Mailbox<AskMachine.Input>(limit: 8)
        var requests: [Int: ProviderRequest] = [:]
        do {
            let result = try await perform(&machine, candidates, &requests, mailbox, tell)
            for request in requests.values { await request.close() }
            return result
        } catch {
            for request in requests.values { await request.close() }
            throw error
        }
    }

    private func perform(
        _ machine: inout AskMachine, _ candidates: [Candidate], _ requests: inout [Int: ProviderRequest],
        _ mailbox: Mailbox<AskMachine.Input>, _ tell: (AskEvent) async throws -> Void
    ) async throws -> AskResult {
        try await withThrowingDiscardingTaskGroup { group in
            defer {
                for request in requests.values { request.abandon() }
                group.cancelAll()
            }
            var input: AskMachine.Input? = .candidates(candidates)
            while let next = input {
                try await report(next, requests, tell)
                for effect in machine.step(next) {
                    switch effect {
                    case .open(let index, let candidate, let base):
                        try await tell(.asking(provider: candidate.account, attempt: index))
                        let request = try request(index, candidate, after: Array(machine.shown.prefix(base)), mailbox)
                        requests[index] = request
                        group.addTask { await request.run() }
                    case .abandon(let index):
                        requests[index]?.abandon()
                        await note(next, about: requests[index])
                    case .show(let tokens): try await tell(.tokens(tokens))
                    case .retract(let index): try await tell(.retracted(from: index))
                    case .examine(let index, let answer, let seal):
                        guard let request = requests[index] else { continue }
                        try await tell(.checking(provider: request.candidate.account, inquiry.depth))
                        group.addTask { await request.examine(answer, seal, inquiry.depth) }
                    case .look:
                        let found = (try? await service.order(inquiry)) ?? []
                        group.addTask { await mailbox.send(.candidates(found)) }
                    case .pay(let index): await requests[index]?.pay()
                    case .accuse(let index, let fault):
                        guard let request = requests[index] else { continue }
                        let accusation = await request.accuse(fault)
                        try await tell(
                            .dishonest(provider: request.candidate.account, fault, accusation: accusation))
                    case .startTimer(let timer, let delay):
                        group.addTask { [clock = service.clock] in
                            guard (try? await clock.sleep(for: delay)) != nil else { return }
                            await mailbox.send(.timer(timer))
                        }
                    case .finish(let outcome):
                        return try result(of: outcome, machine, requests)
                    }
                }
                input = await mailbox.next()
            }
            throw CancellationError()
        }
    }

    private func request(
        _ index: Int, _ candidate: Candidate, after shown: [TokenID], _ mailbox: Mailbox<AskMachine.Input>
    ) throws -> ProviderRequest {
        let asked = inquiry.sampling
        guard
            let sampling = SamplingParameters(
                temperature: asked.temperature, topK: asked.topK, topP: asked.topP, minP: asked.minP,
                maximumTokens: asked.maximumTokens - UInt32(shown.count), stop: asked.stop),
            let nonce = inquiry.nonce ?? Digest(bytes: SecureRandom.bytes(32)),
            let request = InferenceRequest(
                client: service.account, provider: candidate.account, node: candidate.node,
                model: inquiry.choice.model, arithmetic: inquiry.choice.arithmetic, prompt: inquiry.prompt + shown,
                sampling: sampling, nonce: nonce, verification: inquiry.verification,
                pricePerToken: candidate.pricePerToken,
                maximumPrice: candidate.pricePerToken * UInt64(sampling.maximumTokens))
        else {
            throw AskFailure.badQuestion(
                "A prompt has 1 to \(InferenceRequest.tokenLimit) tokens, an answer likewise; asked were \(inquiry.prompt.count) and \(asked.maximumTokens)."
            )
        }
        return ProviderRequest(
            index: index, candidate: candidate, request: SignedRequest(request, by: service.key), service: service,
            mailbox: mailbox)
    }

    /// What the machine was told, for the asker.
    private func report(
        _ input: AskMachine.Input, _ requests: [Int: ProviderRequest], _ tell: (AskEvent) async throws -> Void
    ) async throws {
        switch input {
        case .accepted(let index):
            guard let request = requests[index] else { return }
            try await tell(.accepted(provider: request.candidate.account, attempt: index))
        case .examined(let index, let examination):
            guard let request = requests[index], let exchange = request.exchange else { return }
            try await tell(
                .checked(
                    provider: request.candidate.account, job: exchange.job, examination,
                    positions: exchange.fedTokens.count,
                    time: request.examinationTime))
        case .failed(let index, let failure):
            guard let request = requests[index] else { return }
            try await tell(.attemptFailed(provider: request.candidate.account, failure))
        default: break
        }
    }

    /// A provider that failed is remembered for it; one that was only slower than another is not.
    private func note(_ input: AskMachine.Input, about request: ProviderRequest?) async {
        guard let request else { return }
        switch input {
        case .failed(_, .unpayable): break  // It is the asker that has no money.
        case .failed(let index, _) where index == request.index,
            .examined(let index, .failed) where index == request.index,
            .timer(.silence(let index, _)) where index == request.index,
            .timer(.queue(let index)) where index == request.index:
            await service.change(request.candidate.peer) { $0.noteFailure() }
        default: break
        }
    }

    private func result(
        of outcome: AskMachine.Outcome, _ machine: AskMachine, _ requests: [Int: ProviderRequest]
    ) throws -> AskResult {
        switch outcome {
        case .failed(let failures): throw AskFailure.allFailed(failures)
        case .answered(let index, let base, let examination):
            guard let request = requests[index], let exchange = request.exchange else {
                throw AskFailure.allFailed([.misbehaved("an answer without a receipt")])
            }
            return AskResult(
                tokens: machine.shown, provider: request.candidate.account, exchange: exchange, base: base,
                examination: examination, attempts: requests.count, price: exchange.price,
                voucher: request.payment)
        }
    }
}
