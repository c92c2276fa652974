internal import Keys
internal import Logging
internal import Models
internal import Proofs
internal import Synchronization
internal import Transport
internal import Wire

/// One stream of a client, on the provider's side.
///
/// The stream is read here; the answer is computed and sent by a child task, so that a client can break off at any time.
final class Conversation: Sendable {
    let service: ServeService
    let frames: FramedStream
    /// What may be paid, once it is here.
    private let finished = Mutex<Exchange?>(nil)
    /// Tokens of the answer that is being computed.
    private let queue = TokenQueue()
    /// The channel whose voucher the client has shown.
    private let channel = Mutex<Digest?>(nil)

    init(service: ServeService, frames: FramedStream) {
        self.service = service
        self.frames = frames
    }

    private var settings: ServeService.Settings { service.settings }

    func run() async throws {
        try await withThrowingTaskGroup { group in
            defer { group.cancelAll() }
            var deadline = settings.patience
            var asked: SignedRequest?
            while let message = try await read(within: deadline) {
                switch message {
                case .quote(let choice): try await quote(choice)
                case .request(let request):
                    guard asked == nil else { throw Refusal(.badRequest, "One stream carries one request.") }
                    asked = request
                    deadline = settings.conversationDeadline
                    group.addTask { [self] in try await answer(request) }
                case .cancel: return
                case .voucher(let bytes): try await takePayment(bytes)
                case .quoted, .accepted, .tokens, .final, .paid, .refused:
                    throw Refusal(.badRequest, "A client does not send this message now.")
                }
            }
            try await group.waitForAll()
        }
    }

    private func read(within deadline: Duration) async throws -> InferenceMessage? {
        let frame = try await withDeadline(deadline, "a message of \(frames.remotePeer)") { [frames] in
            try await frames.readFrame(limit: InferenceMessage.requestLimit)
        }
        return try frame.map { try InferenceMessage(bytes: $0) }
    }

    private func send(_ message: InferenceMessage) async throws {
        try await withDeadline(settings.writeDeadline, "\(frames.remotePeer) to read") { [frames] in
            try await frames.writeFrame(message.bytes)
        }
    }

    private func quote(_ choice: ModelChoice) async throws {
        let message: InferenceMessage
        do throws(Refusal) { message = .quoted(try await service.quote(for: choice)) } catch {
            message = .refused(error)
        }
        try await send(message)
    }

    // MARK: The answer

    private var isFinished: Bool { finished.withLock { $0 != nil } }

    /// Answers and says so, or says why not; a peer that does not read any more ends the stream.
    private func answer(_ signed: SignedRequest) async throws {
        do {
            try await answerOrRefuse(signed)
        } catch let refusal as Refusal {
            await service.report(.refused(frames.remotePeer, refusal))
            try await send(.refused(refusal))
        } catch {
            // One that is finished waits for whoever asks again.
            if !isFinished {
                await service.report(.abandoned(job: signed.request.id, tokens: queue.pushedCount))
            }
            frames.stream.reset()
            throw error
        }
    }

    private func answerOrRefuse(_ signed: SignedRequest) async throws {
        let request = signed.request
        guard signed.isSigned, await service.registry.speaks(signed.key, for: request.client) else {
            throw Refusal(.badRequest, "The request is not signed by a key of \(request.client).")
        }
        service.askers.note(request.id, frames.remotePeer)
        // Asked again, e.g. because the connection broke at the end: the same answer, the same receipt, one charge.
        if let record = try? service.kept.record(of: request.id) { return try await repeatAnswer(record) }
        try await service.till?.lend(request, channel: channel.withLock(\.self))
        do { try await takeTurn(signed) } catch {
            // A second copy of the request takes nothing from the first.
            let isCopy = (error as? Refusal)?.code == .duplicate
            if !isCopy, !isFinished { await service.till?.release(request.id) }
            throw error
        }
    }

    private func takeTurn(_ signed: SignedRequest) async throws {
        let (id, waiting) = try await service.admit(ServeMachine.Question(signed.request), by: frames.remotePeer)
        do {
            try await take(signed, id, waiting)
            await service.end(id)
        } catch {
            await service.end(id)
            throw error
        }
    }

    private func take(_ signed: SignedRequest, _ id: UInt64, _ waiting: UInt32) async throws {
        let request = signed.request
        let choice = ModelChoice(of: request)
        guard let served = service.served[choice] else { throw Refusal(.unknownModel, "The model went away.") }
        let seed = InferenceSeed(job: request.id, by: service.key)
        await service.report(.asked(job: request.id, client: request.client, choice: choice))
        try await send(.accepted(seed: seed.proof, waiting: waiting))
        try await service.turns.wait(for: id)
        let start = ContinuousClock.now
        let product = try await generate(GenerationOrder(request: request, seed: seed.value), on: served.engine)
        let signedReceipt = SignedReceipt.sign(
            .answer(product.answer, to: request, transcript: product.transcript, seed: seed.value),
            seedProof: seed.proof, with: service.key)
        let exchange = try await service.conduct.conclude(
            Exchange(request: signed, answer: product.answer, receipt: signedReceipt))
        let receipt = exchange.receipt
        try keep(exchange)
        finished.withLock { $0 = exchange }
        await service.till?.finish(exchange)
        // Told before the client knows: whoever has seen an answer's end finds it among the provider's events.
        await service.report(
            .answered(
                .init(
                    job: request.id, receipt: receipt.receipt.id, client: request.client, choice: choice,
                    promptTokens: request.prompt.count, tokens: product.answer.output.count,
                    price: exchange.price,
                    time: start.duration(to: .now))))
        try await send(.final(ReceiptSeal(of: receipt), stop: product.answer.stop))
    }

    private func keep(_ exchange: Exchange) throws {
        do { try service.kept.keep(exchange) } catch {
            service.logger.error("an answer could not be kept", metadata: ["error": "\(error)"])
            throw Refusal(.failed, "The answer could not be kept for auditors, so it is not signed.")
        }
    }

    private func generate(_ order: GenerationOrder, on engine: any Engine) async throws -> GenerationProduct {
        try await withThrowingTaskGroup(of: GenerationProduct?.self) { group in
            group.addTask { [service, queue] in
                defer { queue.finish() }
                do { return try await engine.generate(order, into: queue) } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    service.logger.error("an answer broke off", metadata: ["error": "\(error)"])
                    throw Refusal(.failed, "The model could not be run: \(error)")
                }
            }
            group.addTask { [self] in
                try await forward()
                return nil
            }
            defer { group.cancelAll() }
            var product: GenerationProduct?
            while let finished = try await group.next() { product = finished ?? product }
            guard let product else { throw CancellationError() }
            return product
        }
    }

    private func forward() async throws {
        var first: UInt32 = 0
        while let tokens = await queue.next() {
            try await send(tokens, from: first)
            first += UInt32(tokens.count)
        }
    }

    private func send(_ tokens: [TokenID], from first: UInt32) async throws {
        for start in stride(from: 0, to: tokens.count, by: InferenceMessage.tokenLimit) {
            let part = Array(tokens[start..<min(tokens.count, start + InferenceMessage.tokenLimit)])
            try await send(.tokens(first: first + UInt32(start), part))
        }
    }

    // MARK: Payment

    /// Before the answer a voucher names the channel, and hands over what was promised before; after it, it pays.
    private func takePayment(_ voucher: [UInt8]) async throws {
        guard let till = service.till else { throw Refusal(.badRequest, "There is nothing to pay.") }
        do throws(Refusal) {
            if let exchange = finished.withLock(\.self) {
                try await till.take(voucher, for: exchange)
                await service.report(.paid(job: exchange.job, seeds: exchange.price))
            } else {
                let shown = try await till.show(voucher)
                channel.withLock { $0 = shown }
            }
        } catch {
            return try await send(.refused(error))
        }
        try await send(.paid)
    }

    private func repeatAnswer(_ record: Exchange) async throws {
        finished.withLock { $0 = record }
        try await send(.accepted(seed: record.receipt.seedProof, waiting: 0))
        try await send(record.answer.output, from: 0)
        try await send(.final(ReceiptSeal(of: record.receipt), stop: record.answer.stop))
    }
}
