import Inference
import Keys
import Logging
import ServiceLifecycle
import Store
import Swarm
import Synchronization
import Testing
import Transport
import Wire

/// Clients and providers in one process over a network in memory.
///
/// Nodes 0..<clients ask, the next ones answer; node `i` listens on `/memory/<i + 1>`.
final class Market: Sendable {
    struct Provider: Sendable {
        let swarm: SwarmService
        let service: ServeService
        let group: ServiceGroup
        let offers: [Offer]
    }

    let clients: [AskService]
    let clientSwarms: [SwarmService]
    let providers: [Provider]
    private let firstProvider: Int

    /// - Parameter conduct: of the first provider; the others are honest.
    init(
        clients clientCount: Int = 1, engines: [any Engine], price: UInt64 = 0,
        ask: AskService.Settings = Market.patient, serve: ServeService.Settings = ServeService.Settings(),
        settlement: (any Settlement)? = nil, till: (any Till)? = nil, clock: any Clock<Duration> = ContinuousClock(),
        conduct: any Conduct = HonestConduct()
    ) async throws {
        let network = MemoryNetwork()
        firstProvider = clientCount
        func swarm(_ index: Int) -> SwarmService {
            var configuration = SwarmConfiguration()
            configuration.listen = [Multiaddress("/memory/\(index + 1)")!]
            configuration.wantedPeers = 0
            configuration.exchangesPeers = false
            return SwarmService(key: key(UInt64(index)), configuration: configuration, logger: quiet) {
                MemoryTransport(key: key(UInt64(index)), network: network, delegate: $0, logger: quiet)
            }
        }
        clientSwarms = (0..<clientCount).map(swarm)
        clients = clientSwarms.enumerated().map { index, swarm in
            AskService(
                account: account(UInt64(index)), key: key(UInt64(index)), swarm: swarm, registry: TestRegistry(),
                examiner: FakeExaminer(), settlement: settlement, settings: ask, clock: clock, time: { testTime },
                logger: quiet)
        }
        var providers: [Provider] = []
        for (offset, engine) in engines.enumerated() {
            let index = UInt64(clientCount + offset)
            let swarm = swarm(Int(index))
            let directory = TemporaryDirectory()
            directories.withLock { $0.append(directory) }
            let service = ServeService(
                account: account(index), key: key(index), models: [.init(engine: engine, pricePerToken: price)],
                registry: TestRegistry(), kept: try KeptAnswers(on: FileDisk(root: directory.path)), till: till,
                conduct: offset == 0 ? conduct : HonestConduct(), swarm: swarm, settings: serve, logger: quiet)
            var logger = Logger(label: "market")
            logger.logLevel = .critical
            providers.append(
                Provider(
                    swarm: swarm, service: service, group: ServiceGroup(services: [swarm, service], logger: logger),
                    offers: await service.offers))
        }
        self.providers = providers
    }

    private let directories = Mutex<[TemporaryDirectory]>([])

    /// Nobody is asked twice because a test machine is slow.
    static var patient: AskService.Settings {
        var settings = AskService.Settings()
        settings.rules.hedgeAfter = .seconds(3600)
        settings.rules.silenceAfter = .seconds(3600)
        return settings
    }

    func announcement(_ provider: Int, sequence: UInt64 = 1, offers: [Offer]? = nil) -> Announcement {
        let index = UInt64(firstProvider + provider)
        return Announcement(
            certificate: certificate(index), sequence: sequence, expires: testTime + 60_000,
            addresses: providers[provider].swarm.listenAddresses, offers: offers ?? providers[provider].offers,
            by: key(index))
    }

    func providerAccount(_ provider: Int) -> AccountID { account(UInt64(firstProvider + provider)) }

    /// Runs everybody, tells every client of every provider, and calls `body`.
    func run(_ body: @escaping @Sendable (Market) async throws -> Void) async throws {
        for swarm in clientSwarms + providers.map(\.swarm) { try await swarm.listen() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for swarm in clientSwarms { group.addTask { try await swarm.run() } }
            for provider in providers { group.addTask { try await provider.group.run() } }
            for client in clients {
                for provider in providers.indices {
                    _ = await client.hear(announcement(provider).canonicalBytes)
                }
            }
            defer { group.cancelAll() }
            try await body(self)
        }
    }

    /// Ends a provider at once, as a power cut would: connections break, nothing is said.
    func kill(_ provider: Int) async {
        for peer in await providers[provider].swarm.connectedPeers { providers[provider].swarm.disconnect(peer) }
        providers[provider].swarm.removeHandler(InferenceMessage.protocolID)
    }
}

/// Collects what an asker is told.
final class Record: Sendable {
    private let state = Mutex<[AskEvent]>([])
    private let (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    var events: [AskEvent] { state.withLock(\.self) }

    func add(_ event: AskEvent) {
        state.withLock { $0.append(event) }
        change.yield()
    }

    func clear() { state.withLock { $0 = [] } }

    /// Waits until `holds`, looking again at each event; one caller.
    func wait(until holds: (Record) -> Bool) async {
        if holds(self) { return }
        for await _ in changes where holds(self) { return }
    }

    /// What a reader who takes back what it is told to has in the end.
    var tokens: [UInt32] {
        events.reduce(into: []) { tokens, event in
            switch event {
            case .tokens(let more): tokens += more
            case .retracted(let index): tokens.removeSubrange(index...)
            default: break
            }
        }
    }
}
