package import Keys
package import Logging
internal import Models
package import Proofs
internal import ServiceLifecycle
package import Swarm
internal import Transport
internal import Wire

/// Answers the questions of others: the only place where ``ServeMachine`` meets streams, engines and the disk.
///
/// Each stream is one conversation, served in the swarm's own child task. Ends with graceful shutdown: what runs may finish within
/// ``Settings/grace``, everything else is refused, so that clients ask another provider.
package actor ServeService: Service {
    package struct Settings: Sendable {
        package var limits = ServeMachine.Limits()
        /// From opening a stream to the first message.
        package var patience: Duration = .seconds(30)
        /// From one frame of ours to the peer's window having taken it: a reader slower than this loses its answer.
        package var writeDeadline: Duration = .seconds(30)
        /// From the request to the end of the conversation, payment included.
        package var conversationDeadline: Duration = .seconds(1800)
        /// What runs at shutdown may go on for so long.
        package var grace: Duration = .seconds(30)
        /// Streams that one peer may have open.
        package var streamsPerPeer = 192

        package init() {}
    }

    /// A model, who computes it, and what a token costs.
    package struct Served: Sendable {
        package let engine: any Engine
        /// In seeds.
        package let pricePerToken: UInt64

        package init(engine: any Engine, pricePerToken: UInt64) {
            self.engine = engine
            self.pricePerToken = pricePerToken
        }
    }

    nonisolated let account: AccountID
    nonisolated let key: SigningKey
    nonisolated let registry: any Registry
    nonisolated let kept: KeptAnswers<Exchange>
    nonisolated let till: (any Till)?
    nonisolated let conduct: any Conduct
    nonisolated let settings: Settings
    nonisolated let logger: Logger
    nonisolated let turns = Turns()
    nonisolated let askers = Askers()
    nonisolated let served: [ModelChoice: Served]
    private let swarm: SwarmService

    private var machine: ServeMachine
    private var nextID: UInt64 = 0
    private var speeds: [ModelChoice: Speed] = [:]
    private var readers: [UInt64: AsyncStream<ServeEvent>.Continuation] = [:]
    private let drained: AsyncStream<Void>
    private let drain: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - account: whom this node answers for; `key` is its node key.
    ///   - kept: where finished answers are kept for auditors.
    ///   - till: takes payments; nil when every model is free.
    package init(
        account: AccountID, key: SigningKey, models: [Served], registry: any Registry, kept: KeptAnswers<Exchange>,
        till: (any Till)? = nil, conduct: any Conduct = HonestConduct(), swarm: SwarmService,
        settings: Settings = Settings(), logger: Logger
    ) {
        self.account = account
        self.key = key
        self.registry = registry
        self.kept = kept
        self.till = till
        self.conduct = conduct
        self.swarm = swarm
        self.settings = settings
        self.logger = logger
        precondition(till != nil || models.allSatisfy { $0.pricePerToken == 0 }, "who asks a price has a till")
        served = Dictionary(models.map { ($0.engine.model.choice, $0) }) { first, _ in first }
        machine = ServeMachine(
            account: account, node: key.publicKey, models: models.map { ($0.engine.model, $0.pricePerToken) },
            limits: settings.limits)
        (drained, drain) = AsyncStream.makeStream(of: Void.self)
    }

    /// What this provider does, from now on; the oldest events go first when the reader is slow.
    package func events() -> AsyncStream<ServeEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: ServeEvent.self, bufferingPolicy: .bufferingNewest(512))
        nextID += 1
        readers[nextID] = continuation
        return stream
    }

    /// Who computes the answers of a model here.
    package nonisolated func engine(for choice: ModelChoice) -> (any Engine)? { served[choice]?.engine }

    /// Answers until graceful shutdown or cancellation.
    package func run() async throws {
        swarm.handle(InferenceMessage.protocolID, perPeer: settings.streamsPerPeer) { [weak self] stream in
            guard let self else { return }
            try await Conversation(service: self, frames: FramedStream(conduct.stream(stream))).run()
        }
        try? await gracefulShutdown()
        perform(machine.step(.drain))
        if !machine.isIdle, !Task.isCancelled {
            _ = try? await withDeadline(settings.grace, "the last answers") { [drained] in
                for await _ in drained { break }
            }
        }
        swarm.removeHandler(InferenceMessage.protocolID)
        for reader in readers.values { reader.finish() }
        readers = [:]
    }

    /// Answers this node itself, over the other end of a ``LoopbackStream``.
    nonisolated func converse(over stream: any MuxedStream) async {
        do {
            try await Conversation(service: self, frames: FramedStream(stream)).run()
            try await stream.closeWrite()
        } catch { stream.reset() }
    }

    // MARK: Questions

    /// Asks the machine.
    /// - Returns: a number for the question and how many are answered before.
    func admit(_ question: ServeMachine.Question, by peer: PeerID) throws(Refusal) -> (id: UInt64, waiting: UInt32) {
        if let refusal = refusal(without: question.choice) { throw refusal }
        nextID += 1
        let id = nextID
        let effects = machine.step(.asked(id, by: peer, question))
        perform(effects)
        if let refusal = turns.takeRefusal(of: id) { throw refusal }
        guard case .accept(id, let waiting)? = effects.first else { throw Refusal(.failed, "The question was lost.") }
        return (id, waiting)
    }

    func end(_ id: UInt64) {
        turns.forget(id)
        perform(machine.step(.ended(id)))
    }

    private func perform(_ effects: [ServeMachine.Effect]) {
        for effect in effects {
            switch effect {
            case .accept: break
            case .start(let id): turns.decide(id)
            case .refuse(let id, let refusal): turns.decide(id, refusal)
            case .drained:
                drain.yield()
                drain.finish()
            }
        }
    }

    func report(_ event: ServeEvent) {
        if case .answered(let answered) = event {
            speeds[answered.choice, default: Speed()].note(tokens: answered.tokens, in: answered.time)
        }
        for (number, reader) in readers {
            if case .terminated = reader.yield(event) { readers[number] = nil }
        }
    }

    // MARK: Offers

    package func quote(for choice: ModelChoice) throws(Refusal) -> Quote {
        guard let served = served[choice] else {
            throw Refusal(
                .unknownModel, "The model \(choice.model.short)… in \(choice.arithmetic) is not offered here.")
        }
        if let refusal = refusal(without: choice) { throw refusal }
        return Quote(
            model: choice.model, arithmetic: choice.arithmetic, pricePerToken: served.pricePerToken,
            speed: speeds[choice]?.perThousandSeconds ?? 0, waiting: UInt32(clamping: machine.waitingCount),
            freeSlots: UInt32(clamping: machine.freeSlots),
            contextLength: UInt32(clamping: served.engine.model.contextLength), modes: ServeMachine.modes)
    }

    /// Nothing is promised that could not be defended: a provider without the file of its model loses any dispute about an answer.
    private func refusal(without choice: ModelChoice) -> Refusal? {
        guard let engine = served[choice]?.engine, !engine.canDefend else { return nil }
        return Refusal(
            .unknownModel,
            "The file of the model \(choice.model.short)… was changed on this provider's disk; ask another.")
    }

    /// What to announce now, in the order of the models' digests.
    package var offers: [Offer] {
        served.values.filter(\.engine.canDefend).sorted { $0.engine.model.choice.model < $1.engine.model.choice.model }
            .map { served in
                let model = served.engine.model
                return Offer(
                    choice: model.choice, name: model.name, pricePerToken: served.pricePerToken,
                    speed: speeds[model.choice]?.perThousandSeconds ?? 0,
                    freeSlots: UInt32(clamping: machine.freeSlots),
                    contextLength: UInt32(clamping: model.contextLength), modes: ServeMachine.modes)
            }
    }
}
