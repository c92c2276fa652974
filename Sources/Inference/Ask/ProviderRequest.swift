internal import Keys
internal import Logging
internal import Models
internal import Proofs
internal import Swarm
internal import Synchronization
internal import Transport

/// One request to one provider: a stream, read until the receipt, then kept open for the payment.
final class ProviderRequest: Sendable {
    private struct State {
        var frames: FramedStream?
        var isAbandoned = false
        var exchange: Exchange?
        var examinationTime: Duration = .zero
        /// Shown to the provider before the question.
        var voucher: [UInt8]?
        /// Whether something may be owed: the answer is whole, and nothing was found wrong with it.
        var owes = false
    }

    let index: Int
    let candidate: Candidate
    private let request: SignedRequest
    private let service: AskService
    private let mailbox: Mailbox<AskMachine.Input>
    private let state = Mutex(State())

    init(
        index: Int, candidate: Candidate, request: SignedRequest, service: AskService,
        mailbox: Mailbox<AskMachine.Input>
    ) {
        self.index = index
        self.candidate = candidate
        self.request = request
        self.service = service
        self.mailbox = mailbox
    }

    /// The answer with its receipt, once they are here.
    var exchange: Exchange? { state.withLock(\.exchange) }
    /// What the check took.
    var examinationTime: Duration { state.withLock(\.examinationTime) }

    func price(of exchange: Exchange) -> UInt64 { request.request.price(tokens: exchange.answer.output.count) }

    /// Breaks the request off; the provider sees its stream reset.
    func abandon() {
        let frames = state.withLock { state in
            state.isAbandoned = true
            return state.frames
        }
        frames?.stream.reset()
    }

    /// Asks, and tells the machine what comes.
    func run() async {
        await service.change(candidate.peer) { $0.pending += 1 }
        let failure = await ask()
        await service.change(candidate.peer) { $0.pending -= 1 }
        if let failure { await mailbox.send(.failed(index, failure)) }
    }

    /// - Returns: nil when the answer is whole, or nobody wants it any more.
    private func ask() async -> AttemptFailure? {
        do {
            if candidate.pricePerToken > 0 {
                let voucher = try await service.settlement?.prepare(request.request)
                state.withLock { $0.voucher = voucher }
            }
            guard candidate.peer == service.swarm.peer, let local = service.local else {
                return await converse(
                    over: FramedStream(
                        try await service.swarm.open(
                            [InferenceMessage.protocolID], to: candidate.peer,
                            deadline: service.settings.openDeadline)))
            }
            let (ours, theirs) = LoopbackStream.pair(InferenceMessage.protocolID, peer: candidate.peer)
            async let answering: Void = local.converse(over: theirs)
            let failure = await converse(over: FramedStream(ours))
            await answering
            return failure
        } catch {
            return .unreachable("\(error)")
        }
    }

    private func converse(over frames: FramedStream) async -> AttemptFailure? {
        let isWanted = state.withLock { state in
            state.frames = frames
            return !state.isAbandoned
        }
        guard isWanted else {
            frames.stream.reset()
            return nil
        }
        do {
            let shown = state.withLock(\.voucher).map { [InferenceMessage.voucher($0)] } ?? []
            let messages = shown + [.request(request)]
            try await withDeadline(service.settings.writeDeadline, "\(candidate.peer) to read") {
                for message in messages { try await frames.writeFrame(message.bytes) }
            }
            try await read(frames)
            return nil
        } catch let failure as AttemptFailure {
            frames.stream.reset()
            return failure
        } catch {
            frames.stream.reset()
            return state.withLock(\.isAbandoned) ? nil : .broken("\(error)")
        }
    }

    private func read(_ frames: FramedStream) async throws {
        let start = ContinuousClock.now
        var isFirst = true
        while let message = try await next(frames) {
            switch message {
            case .accepted(let proof, _):
                guard candidate.node.verify(proof, alpha: SignedReceipt.seedInput(request.request.id)) != nil else {
                    throw AttemptFailure.misbehaved("the proof of the seed is wrong")
                }
                await mailbox.send(.accepted(index))
            case .tokens(let first, let tokens):
                if isFirst {
                    await service.change(candidate.peer) { $0.noteFirstToken(after: start.duration(to: .now)) }
                }
                isFirst = false
                await mailbox.send(.tokens(index, first: first, tokens))
            case .paid:
                guard let voucher = state.withLock({ $0.voucher.take() }) else {
                    throw AttemptFailure.misbehaved("a payment that nobody made")
                }
                await service.settlement?.acknowledged(voucher)
            case .final(let receipt, let stop):
                state.withLock { $0.owes = true }
                await mailbox.send(.final(index, receipt, stop))
                return
            case .refused(let refusal): throw AttemptFailure.refused(refusal)
            case .quote, .quoted, .request, .voucher, .cancel:
                throw AttemptFailure.misbehaved("a message that no provider sends now")
            }
        }
        throw AttemptFailure.broken("it ended before the receipt")
    }

    /// The machine's timers are shorter; this one is for a provider that sends the same for ever.
    private func next(_ frames: FramedStream) async throws -> InferenceMessage? {
        let frame = try await withDeadline(service.settings.rules.deadline, "a message of \(candidate.peer)") {
            try await frames.readFrame(limit: InferenceMessage.answerLimit)
        }
        return try frame.map { bytes throws(AttemptFailure) in
            do { return try InferenceMessage(bytes: bytes) } catch {
                throw .misbehaved("a frame that does not decode: \(error)")
            }
        }
    }

    // MARK: The end

    /// Checks the answer and tells the machine.
    func examine(_ answer: Answer, _ receipt: SignedReceipt, _ depth: Examination.Depth) async {
        let exchange = Exchange(request: request, answer: answer, receipt: receipt)
        state.withLock { $0.exchange = exchange }
        let start = ContinuousClock.now
        let examination = await service.examiner.examine(exchange, depth)
        let isGood =
            switch examination {
            case .passed, .impossible: true
            case .failed, .withheld: false
            }
        state.withLock { state in
            state.examinationTime = start.duration(to: .now)
            state.owes = isGood
        }
        await mailbox.send(.examined(index, examination))
    }

    /// Sends what the answer costs and says good-bye. What goes wrong here is settled by the ledger, not by asking again.
    func pay() async {
        guard let exchange, let frames = state.withLock(\.frames) else { return }
        await service.change(candidate.peer) { $0.noteSuccess() }
        let seeds = price(of: exchange)
        do {
            if seeds > 0, let settlement = service.settlement {
                let voucher = try await settlement.voucher(for: exchange, seeds: seeds)
                let reply = try await withDeadline(
                    service.settings.paymentDeadline, "\(candidate.peer) to take its payment"
                ) {
                    try await frames.writeFrame(InferenceMessage.voucher(voucher).bytes)
                    return try await frames.readFrame(limit: InferenceMessage.answerLimit)
                }
                switch try reply.map({ try InferenceMessage(bytes: $0) }) {
                case .paid: await settlement.acknowledged(voucher)
                case .refused(let refusal): throw refusal
                default: throw AttemptFailure.misbehaved("a payment is answered by something else")
                }
            }
            try await withDeadline(service.settings.paymentDeadline, "\(candidate.peer) to read") {
                try await frames.stream.closeWrite()
            }
        } catch {
            service.logger.info(
                "a payment was not acknowledged",
                metadata: ["provider": "\(candidate.account.short)", "seeds": "\(seeds)", "error": "\(error)"])
        }
    }

    /// - Returns: the transaction that accuses the provider.
    func accuse(_ fault: InferenceFault) async -> Digest? {
        guard let exchange else { return nil }
        return await service.settlement?.accuse(exchange, fault)
    }

    /// The question is over, however it ended.
    func close() async {
        abandon()
        guard candidate.pricePerToken > 0 else { return }
        await service.settlement?.release(request.request.id, owes: state.withLock(\.owes))
    }
}
