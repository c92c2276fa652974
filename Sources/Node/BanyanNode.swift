package import API
import Chain
import Federation
import Foundation
import Gateway
import Gossip
import Inference
import Keys
import Ledger
import Logging
import Models
import Proofs
import ServiceLifecycle
import Store
import Swarm
import UnixSignals
import Wire

/// One node: everything that exists in it, and what is connected to what.
package struct BanyanNode: Sendable {
    package static let version = "0.1.0"

    private let configuration: NodeConfiguration
    private let events: NodeEvents

    package init(configuration: NodeConfiguration, events: NodeEvents) {
        self.configuration = configuration
        self.events = events
    }

    /// Runs until SIGTERM or SIGINT.
    package func run() async throws {
        let logger = configuration.logger

        // Keys and disk; nobody else may use them meanwhile.
        let gatewayConfiguration = try gatewayConfiguration()
        let cheat = try cheat()
        try Self.makeDirectory(configuration.dataDirectory)
        let lock = try DirectoryLock(directory: configuration.dataDirectory)
        defer { withExtendedLifetime(lock) {} }
        let identity = try NodeIdentity.open(in: configuration.dataDirectory, passphrase: configuration.passphrase)
        let genesis = try await NetworkGenesis.resolve(
            configuration, identity: identity, now: WallClock.milliseconds(), logger: logger)
        let disk = try FileDisk(root: configuration.dataDirectory)
        let blobStore = try BlobStore(on: disk, quota: configuration.blobQuota)

        // Network.
        let swarm = SwarmService(key: identity.node, configuration: swarmConfiguration(genesis), logger: logger)
        let peers = PeerKeeper(swarm: swarm, disk: disk, logger: logger)
        let gossip = GossipService(swarm: swarm, key: identity.node, logger: logger)

        // Chain.
        let chainNetwork = ChainOverSwarm(swarm: swarm, gossip: gossip, genesis: genesis.digest)
        var chainConfiguration = ChainConfiguration(parameters: genesis.parameters)
        chainConfiguration.signedThrough = configuration.signedThrough
        let chain = try ChainService(
            genesis: genesis, referee: LedgerReferee(), account: identity.accountID, key: identity.node, disk: disk,
            network: chainNetwork,
            configuration: chainConfiguration, logger: logger)
        let wallet = Wallet(identity: identity, chain: chain, genesis: genesis)
        let enrollment = Enrollment(
            chain: chain, wallet: wallet,
            rule: EnrollmentRule(
                identity: identity, trains: configuration.trains, stake: configuration.stake.map(Amount.init(seeds:)),
                audits: configuration.audits),
            logger: logger)

        // Training rounds.
        let blobs = BlobsOverSwarm(
            store: blobStore, leases: try BlobLeases(on: disk), swarm: swarm, chain: chain, logger: logger)
        let rounds = RoundService(
            account: identity.accountID, key: identity.node, rounds: RoundsOnChain(chain: chain, wallet: wallet),
            blobs: blobs, data: LocalDatasets(directory: configuration.dataset), settings: roundSettings(),
            forger: cheat?.makeForger(), logger: logger)

        // Questions and answers.
        let inference = try await InferenceParts(
            configuration: configuration, identity: identity, genesis: genesis.digest, disk: disk, swarm: swarm,
            gossip: gossip, chain: chain, wallet: wallet, events: events, logger: logger)

        let auditing = try AuditParts(
            configuration: configuration, identity: identity, disk: disk, swarm: swarm, chain: chain, wallet: wallet,
            inference: inference, events: events, logger: logger)

        // What others see.
        let transactions = TransactionIndex()
        let reporter = Reporter(chain: chain, rounds: rounds, index: transactions, cheat: cheat, events: events)
        let answers = AnswerReporter(serve: inference.serve, tell: events)
        let gateway = GatewayServer(
            configuration: gatewayConfiguration,
            node: GatewayNode(
                name: configuration.name, version: Self.version, identity: identity, genesis: genesis, chain: chain,
                swarm: swarm, blobs: blobStore, transactions: transactions,
                channels: ChannelReports(payer: inference.payer, till: inference.till),
                models: inference.models), inference: inference.gateway,
            logger: logger
        ) { port in announce(port: port, identity: identity, genesis: genesis, swarm: swarm, logger: logger) }

        // What peers may ask.
        let encodedGenesis = genesis.canonicalBytes
        swarm.serve(NetworkGenesis.protocolID, requestLimit: 0) { _, _ in encodedGenesis }
        blobs.serve()
        await chainNetwork.deliver(to: chain)
        await inference.deliver()
        try await swarm.listen()

        let group = ServiceGroup(
            services: [swarm, peers, gossip, chain, enrollment] + inference.services + auditing.services + [
                answers, rounds, reporter, gateway,
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await group.run()
    }

    private func gatewayConfiguration() throws -> GatewayConfiguration {
        do {
            return try GatewayConfiguration(
                host: configuration.apiHost, port: configuration.apiPort, token: configuration.apiToken)
        } catch { throw Problem.invalid("\(error)") }
    }

    private func cheat() throws -> Cheat? {
        guard let name = configuration.cheat else { return nil }
        guard let cheat = Cheat(rawValue: name) else {
            throw Problem.invalid(
                "'\(name)' is no cheat.", remedy: "Known: \(Cheat.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return cheat
    }

    private func swarmConfiguration(_ genesis: Genesis) -> SwarmConfiguration {
        var swarm = SwarmConfiguration()
        swarm.listen = configuration.listen
        swarm.bootstrap = configuration.join
        swarm.agentVersion = "banyan/\(Self.version) \(configuration.name)"
        swarm.mdns = configuration.discoversLocally ? MDNSConfiguration() : nil
        return swarm
    }

    private func roundSettings() -> RoundService.Settings {
        var settings = RoundService.Settings()
        settings.threads = configuration.threads
        settings.evaluates = configuration.evaluates
        return settings
    }

    /// Tells the other subcommands where the node is, and whoever reads the events that it is up.
    private func announce(port: Int, identity: NodeIdentity, genesis: Genesis, swarm: SwarmService, logger: Logger) {
        let host = configuration.apiHost.contains(":") ? "[\(configuration.apiHost)]" : configuration.apiHost
        let api = "http://\(host):\(port)"
        do {
            try Data((api + "\n").utf8).write(to: URL(fileURLWithPath: configuration.dataDirectory + "/api"))
        } catch {
            logger.warning("could not write \(configuration.dataDirectory)/api: \(error)")
        }
        events(
            .ready(
                .init(
                    name: configuration.name, peer: "\(swarm.peer)", account: "\(identity.accountID)",
                    addresses: swarm.listenAddresses.map { "\($0)" }, api: api, genesis: "\(genesis.digest)")))
    }

    package static func makeDirectory(_ path: String) throws(Problem) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Problem.invalid("The data directory '\(path)' cannot be made.", remedy: "Choose another with --data.")
        }
    }
}
