import API
import Chain
import Gossip
import Inference
import Keys
import Logging
import Models
import Proofs
import ServiceLifecycle
import Store
import Swarm

/// Everything in a node that asks and answers questions, and how it is connected.
struct InferenceParts: Sendable {
    /// Answers of our own and of others that are kept, each a few kilobytes.
    private static let keptLimit = 4096

    let models: LanguageModels
    let ask: AskService
    /// What this node has checked of others' answers, as a member of their committees.
    let checks: KeptAnswers<HeldReceipt>
    /// Nil when the node serves no model.
    let serve: ServeService?
    let payer: PayerService
    /// Nil when the node serves no model.
    let till: TillService?
    let gateway: GatewayInference
    /// Plays this node's disputes: as a provider, as a client, and as a member of committees.
    private let disputes: DisputeService
    /// Answers committees that have judged this node's wrong answers.
    private let appeals: AppealService
    /// Answers committees that have found this node's answers wrong; nil when it gives none.
    private let defence: DefenceService?
    private let announcer: Announcer?
    private let bridge: InfraxaBridge?
    private let announcements: AnnouncementsOverGossip

    init(
        configuration: NodeConfiguration, identity: NodeIdentity, genesis: Digest, disk: FileDisk, swarm: SwarmService,
        gossip: GossipService, chain: ChainService, wallet: Wallet, events: NodeEvents, logger: Logger
    ) async throws {
        let registry = RegistryOnChain(chain: chain)
        let time: @Sendable () -> UInt64 = { WallClock.milliseconds() }
        models = LanguageModels(
            store: ModelStore(directory: configuration.models), threads: configuration.threads, logger: logger)
        announcements = AnnouncementsOverGossip(gossip: gossip, genesis: genesis)
        let cheating = try configuration.inferenceCheat.map { name throws(Problem) in
            try CheatingProvider(
                named: name, key: identity.node,
                checksAsItAnswers: configuration.auditCheat == AuditCheat.ownEngine.rawValue, tell: events)
        }
        let (bank, receipts) = (
            BankOnChain(chain: chain, wallet: wallet),
            try KeptAnswers<HeldReceipt>(on: disk, directory: "receipts", limit: Self.keptLimit)
        )
        let kept = try KeptAnswers<Exchange>(on: disk, limit: Self.keptLimit)
        till =
            try configuration.serves.isEmpty
            ? nil : TillService(account: identity.accountID, bank: bank, kept: kept, disk: disk, logger: logger)
        serve = try await Self.makeServe(
            configuration, identity, models: models, registry: registry, kept: kept, till: till, cheating: cheating,
            swarm: swarm, logger: logger)
        let audits = AuditClient(swarm: swarm, local: serve)
        let player = DisputePlayer(models: models, serve: serve, cheat: configuration.disputeCheat)
        let own = LocalExaminer(engines: models, client: audits, key: identity.node)
        let plants = PlantedFaults(key: identity.account)
        disputes = DisputeService(
            account: identity.accountID, chain: chain, wallet: wallet, player: player, logger: logger)
        checks = try KeptAnswers(on: disk, directory: "checks", limit: Self.keptLimit)
        appeals = AppealService(
            account: identity.accountID, chain: chain, wallet: wallet, player: player, examiner: own,
            receipts: receipts, checks: checks, plants: plants,
            isGriefing: configuration.disputeCheat == .appealing, logger: logger)
        defence = serve.map { [player] _ in
            DefenceService(
                account: identity.accountID, chain: chain, wallet: wallet, player: player, examiner: own, kept: kept,
                isGriefing: configuration.disputeCheat == .appealing, logger: logger)
        }
        let keeping = KeepingExaminer(other: own, receipts: receipts)
        let examiner: any Examiner =
            configuration.disputeCheat == .griefing ? GriefingExaminer(other: keeping, disputes: disputes) : keeping
        payer = try PayerService(
            key: identity.account, bank: bank,
            creditors: CreditorsOverSwarm(
                client: PaymentClient(swarm: swarm, audits: audits), receipts: receipts, logger: logger),
            examiner: examiner, disputes: disputes, disk: disk, logger: logger)
        ask = AskService(
            account: identity.accountID, key: identity.account, swarm: swarm, registry: registry,
            examiner: examiner, settlement: payer, local: serve,
            time: time, logger: logger)
        cheating?.use(ask, as: identity.accountID)
        gateway = GatewayInference(
            models: models, service: ask, registry: registry, payer: payer, bank: bank,
            receiptStore: receipts, plants: configuration.plantsFaults ? plants : nil, tell: events,
            logger: logger)
        bridge = serve.map { [gateway] _ in InfraxaBridge(inference: gateway, identity: identity, swarm: swarm) }
        announcer = serve.map { [ask, announcements] service in
            Announcer(
                certificate: .issue(by: identity.account, for: identity.node.publicKey, issued: time() / 1000),
                key: identity.node, service: service, swarm: swarm,
                topic: OwnAnnouncements(others: announcements, ask: ask), time: time)
        }
    }

    private static func makeServe(
        _ configuration: NodeConfiguration, _ identity: NodeIdentity, models: LanguageModels,
        registry: RegistryOnChain, kept: KeptAnswers<Exchange>, till: TillService?, cheating: CheatingProvider?,
        swarm: SwarmService, logger: Logger
    ) async throws -> ServeService? {
        guard !configuration.serves.isEmpty else { return nil }
        var honest: [any Engine] = []
        var served: [ServeService.Served] = []
        for path in configuration.serves {
            let entry = try await models.entry(path)
            let engine = try await models.engine(of: entry, configuration.arithmetic)
            honest.append(engine)
            served.append(
                .init(
                    engine: try cheating?.engine(engine, of: entry.model) ?? engine,
                    pricePerToken: configuration.pricePerToken))
        }
        let hostile = try configuration.wireCheat.map { name throws(Problem) in
            guard let kind = WireCheat(rawValue: name) else {
                throw .invalid("'\(name)' is no way of breaking a protocol.", remedy: "See: banyan lab provider --list")
            }
            return HostileWire(kind)
        }
        return ServeService(
            account: identity.accountID, key: identity.node, models: served, registry: registry,
            kept: kept, till: till, conduct: hostile ?? cheating?.conduct(honest) ?? HonestConduct(), swarm: swarm,
            logger: logger)
    }

    /// In the order in which they start; they end in the other.
    var services: [any Service] {
        let all: [(any Service)?] = [models, payer, till, serve, announcer, bridge, disputes, appeals, defence]
        return all.compactMap(\.self)
    }

    /// Hears of providers, from now on.
    func deliver() async { await announcements.deliver(to: ask) }
}

/// Gossip does not bring a node its own messages; what it offers others it may also be asked by itself.
private struct OwnAnnouncements: Announcements {
    let others: AnnouncementsOverGossip
    let ask: AskService

    func publish(_ announcement: [UInt8]) async {
        _ = await ask.hear(announcement)
        await others.publish(announcement)
    }
}
