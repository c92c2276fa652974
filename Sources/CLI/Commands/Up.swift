import API
import ArgumentParser
import Foundation
import Ledger
import Logging
import Node
import Wire

struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a node, in the foreground.",
        discussion: """
            Alone on a machine it starts a fresh local network; with --join it joins one. Every setting may also stand in
            banyan.yaml ('api: 127.0.0.1:8001') or in the environment (BANYAN_API); flags win over both.
            Ctrl-C ends it in good order.

            Examples:
              banyan up
              banyan up --serve smollm2 --price 0.5 --stake 100
              banyan up --train --join /ip4/192.168.1.7/tcp/4001/p2p/12D3Koo…
              banyan up --data ./b --api 127.0.0.1:8001 --listen /ip4/127.0.0.1/tcp/4002
            """)

    @Option(help: "A YAML file of settings; ./banyan.yaml when it exists.") var config: String?
    @Option(help: "Directory of keys, chain and models; ~/.banyan.") var data: String?
    @Option(help: "What people call the node; the host's name.") var name: String?
    @Option(help: "Address to listen on, repeatable; /ip4/0.0.0.0/tcp/4001.") var listen: [String] = []
    @Option(help: "Address of a node of the network to join, repeatable.") var join: [String] = []
    @Option(help: "Host and port of the HTTP API; 127.0.0.1:8000.") var api: String?
    @Option(help: "Token the HTTP API demands; needed on other addresses than loopback.") var apiToken: String?
    @Option(help: "Genesis file of the network.") var genesis: String?
    @Option(help: "Join only a network with this genesis digest.") var genesisDigest: String?
    @Option(help: "File with the passphrase of the key files.") var passphraseFile: String?
    @Flag(inversion: .prefixedNo, help: "Join training jobs as they are posted.") var train: Bool?
    @Flag(inversion: .prefixedNo, help: "Find nodes on the local network (mDNS).") var mdns: Bool?
    @Flag(inversion: .prefixedNo, help: "Run each round's model over the test images.") var evaluate: Bool?
    @Option(help: "Answer questions with this model of the store, or this file; repeatable.") var serve: [String] = []
    @Option(help: "Numbers to answer with: int8 activations, or f32, which is slower; int8.")
    var mode: LocalModelOptions.Mode?
    @Option(help: "Price of an answer, in FIG for 1,000 tokens; 0.") var price: Amount?
    @Option(help: "FIG to put at stake as soon as the account has it.") var stake: Amount?
    @Flag(inversion: .prefixedNo, help: "Take part in audits of others' answers; needs a stake.") var audit: Bool?
    @Option(help: "Directory of the model files; ~/.banyan/models.") var models: String?
    @Option(help: "Threads of the tensor kernels; 1.") var threads: Int?
    @Option(help: "Directory of the Fashion-MNIST files.") var dataset: String?
    @Option(help: "After a loss of the journal: vouch that the node key signed nothing above this height.")
    var signedThrough: UInt64?
    @Option(help: "trace, debug, info, notice, warning or error.") var logLevel: String?
    @Flag(help: "Print what happens, one JSON object a line.") var json = false
    @Option(help: ArgumentHelp("Send wrong work, for demonstrations.", visibility: .hidden)) var cheat: String?
    @Option(help: ArgumentHelp("Give wrong answers, for demonstrations.", visibility: .hidden))
    var cheatInference: String?
    @Option(help: ArgumentHelp("Break the protocol of answers, for tests.", visibility: .hidden)) var cheatWire: String?
    @Option(help: ArgumentHelp("Audit badly, for demonstrations.", visibility: .hidden)) var cheatAudit: String?
    @Flag(
        help: ArgumentHelp(
            "Ask for wrong answers, of a provider that cheats on purpose, to see whether auditors find out.",
            visibility: .hidden))
    var plantFaults = false
    @Option(help: ArgumentHelp("Rules about answers of a fresh network, for laboratories.", visibility: .hidden))
    var answerRules: String?
    @Option(help: ArgumentHelp("Play disputes wrongly, for demonstrations.", visibility: .hidden))
    var cheatDispute: DisputeCheat?
    @Flag(help: ArgumentHelp("End when standard input is closed.", visibility: .hidden)) var endWithInput = false

    func run() async throws {
        if endWithInput { runUntilInputCloses() }
        let configuration = try resolve()
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        let events: NodeEvents = json ? .lines(FileHandle.standardOutput) : .people(FileHandle.standardOutput)
        try await BanyanNode(configuration: configuration, events: events).run()
    }

    /// Merges flags, environment, file and defaults.
    func resolve() throws -> NodeConfiguration {
        let path = config ?? (FileManager.default.fileExists(atPath: "banyan.yaml") ? "banyan.yaml" : nil)
        var settings = try Settings(path: path)
        let hostName = ProcessInfo.processInfo.hostName
        var resolved = NodeConfiguration(
            dataDirectory: settings.text("data", flag: data) ?? DataDirectory.standard,
            name: settings.text("name", flag: name) ?? hostName,
            listen: try addresses(settings.texts("listen", flag: listen), named: "listen"))
        if resolved.listen.isEmpty { resolved.listen = try addresses(["/ip4/0.0.0.0/tcp/4001"], named: "listen") }
        resolved.join = try addresses(settings.texts("join", flag: join), named: "join")
        (resolved.apiHost, resolved.apiPort) = try hostAndPort(settings.text("api", flag: api) ?? "127.0.0.1:8000")
        resolved.apiToken = settings.text("api-token", flag: apiToken)
        resolved.genesisPath = settings.text("genesis", flag: genesis)
        resolved.genesisDigest = settings.text("genesis-digest", flag: genesisDigest)
        resolved.passphrase = try settings.text("passphrase-file", flag: passphraseFile).map(Passphrase.read(from:))
        resolved.trains = try settings.flag("train", flag: train) ?? false
        resolved.discoversLocally = try settings.flag("mdns", flag: mdns) ?? true
        resolved.evaluates = try settings.flag("evaluate", flag: evaluate) ?? true
        resolved.threads = try settings.number("threads", flag: threads) ?? 1
        resolved.dataset = settings.text("dataset", flag: dataset) ?? NodeConfiguration.standardDataset
        resolved.signedThrough = signedThrough
        resolved.cheat = cheat
        try resolveInference(&resolved, from: &settings)
        let level = settings.text("log-level", flag: logLevel) ?? "info"
        guard let logLevel = Logger.Level(rawValue: level) else {
            throw Problem.invalid(
                "log-level is '\(level)'.", remedy: "It is one of trace, debug, info, notice, warning, error.")
        }
        resolved.logLevel = logLevel
        guard (1...256).contains(resolved.threads) else {
            throw Problem.invalid("threads is \(resolved.threads); it is 1 to 256.")
        }
        try settings.refuseUnknown()
        return resolved
    }

    private func resolveInference(_ resolved: inout NodeConfiguration, from settings: inout Settings) throws {
        resolved.models = settings.text("models", flag: models) ?? ModelStore.standardDirectory
        let store = ModelStore(directory: resolved.models)
        // A name that is not there is told now, not when the first question comes.
        resolved.serves = try settings.texts("serve", flag: serve).map { try store.file($0) }
        let mode = settings.text("mode", flag: mode?.rawValue) ?? LocalModelOptions.Mode.int8.rawValue
        guard let mode = LocalModelOptions.Mode(rawValue: mode) else {
            throw Problem.invalid("mode is '\(mode)'.", remedy: "It is int8 or f32.")
        }
        resolved.arithmetic = mode.arithmetic
        let price = try settings.amount("price", flag: price) ?? .zero
        guard price.seeds % 1000 == 0 else {
            throw Problem.invalid("price is \(price) for 1,000 tokens; it has at most six decimals.")
        }
        resolved.pricePerToken = price.seeds / 1000
        resolved.stake = try settings.amount("stake", flag: stake)?.seeds
        resolved.audits = try settings.flag("audit", flag: audit) ?? false
        resolved.inferenceCheat = cheatInference
        resolved.wireCheat = cheatWire
        resolved.auditCheat = cheatAudit
        resolved.answerRules = answerRules
        resolved.plantsFaults = plantFaults
        resolved.disputeCheat = cheatDispute
    }

    private func addresses(_ texts: [String], named name: String) throws -> [Multiaddress] {
        try texts.map { text in
            do {
                return try Multiaddress(parsing: text)
            } catch {
                throw Problem.invalid(
                    "\(name) has '\(text)', which is no multiaddress: \(error)",
                    remedy: "It looks like /ip4/192.168.1.7/tcp/4001/p2p/12D3Koo….")
            }
        }
    }

    private func hostAndPort(_ text: String) throws -> (String, Int) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw Problem.invalid("api is '\(text)'.", remedy: "It is a host and a port, such as 127.0.0.1:8000.")
        }
        let host = text[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        return (host.isEmpty ? "0.0.0.0" : host, Int(port))
    }
}
