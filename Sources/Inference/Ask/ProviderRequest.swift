internal import Keys
internal import Logging
internal import Models
internal import Proofs
internal import Swarm
internal import Synchronization
internal import Transport

/// One request to one provider: a stream, read until the receipt, then kept open for the payment.
final class ProviderRequest: Sendable {
    struct State {
        var frames: FramedStream?
        var isAbandoned = false
        /// Of the answer, once the question is taken.
        var seed: InferenceSeed?
        var exchange: Exchange?
        var examinationTime: Duration = .zero
        /// Shown to the provider before the question.
        var voucher: [UInt8]?
        /// Pays for the answer.
        var payment: [UInt8]?
        /// Whether something may be owed: the answer is whole, and nothing was found wrong with it.
        var owes = false
    }

    let index: Int
    let candidate: Candidate
    let request: SignedRequest
    let service: AskService
    let mailbox: Mailbox<AskMachine.Input>
    let state = Mutex(State())

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
    /// The voucher for the answer, once it is signed.
    var payment: [UInt8]? { state.withLock(\.payment) }
    /// What the check took.
    var examinationTime: Duration { state.withLock(\.examinationTime) }

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
            try await prepare()
            await mailbox.send(.asked(index))
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
        } catch let failure as AttemptFailure {
            return failure
        } catch {
            return .unreachable("\(error)")
        }
    }

    /// Sees to it that the answer can be paid.
    private func prepare() async throws(AttemptFailure) {
        guard candidate.pricePerToken > 0, let settlement = service.settlement else { return }
        do {
            let voucher = try await settlement.prepare(request.request)
            state.withLock { $0.voucher = voucher }
        } catch { throw .unpayable("\(error)") }
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
                // It may be told to people, so it comes once.
                guard state.withLock(\.seed) == nil else {
                    throw AttemptFailure.misbehaved("it takes the question twice")
                }
                guard let seed = InferenceSeed(job: request.request.id, proof: proof, by: candidate.node) else {
                    throw AttemptFailure.misbehaved("the proof of the seed is wrong")
                }
                state.withLock { $0.seed = seed }
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
            case .final(let seal, let stop):
                state.withLock { $0.owes = true }
                await mailbox.send(.final(index, seal, stop))
                return
            case .refused(let refusal): throw AttemptFailure.refused(refusal)
            case .quote, .quoted, .request, .voucher, .cancel:
                throw AttemptFailure.misbehaved("a message that no provider sends now")
            }
        }
        throw AttemptFailure.broken("it ended before the answer did")
    }

    /// The machine's timers are shorter; this one is for a provider that sends the same for ever.
    private func next(_ frames: FramedStream) async throws -> InferenceMessage? {
        let frame: [UInt8]?
        let patience = service.settings.rules.silenceAfter
        do {
            frame = try await withDeadline(service.settings.rules.deadline, "a message of \(candidate.peer)") {
                try await frames.readFrame(limit: InferenceMessage.answerLimit, patience: patience)
            }
        } catch let error as TransportError where error.isFaultOfFrame {
            throw AttemptFailure.misbehaved("\(error)")
        }
        return try frame.map { bytes throws(AttemptFailure) in
            do { return try InferenceMessage(bytes: bytes) } catch {
                throw .misbehaved("a frame that does not decode: \(error)")
            }
        }
    }
}

extension TransportError {
    /// Whether the peer sent what is no frame, or the first half of one and no more, rather than going away in the middle.
    fileprivate var isFaultOfFrame: Bool {
        switch self {
        case .frameTooLong, .malformedFrame, .deadlineExceeded: true
        default: false
        }
    }
}
