import ArgumentParser
import Foundation
import Gossip
import Keys
import ServiceLifecycle
import Swarm
import Transport
import UnixSignals
import Wire

/// A libp2p node without ledger or models: identify, ping, echo, and a topic that answers.
struct LabPeer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer",
        abstract: "Serve identify, ping, echo and a topic until SIGTERM.",
        discussion: """
            Prints 'LISTEN <address>' for each address, then 'READY'. A message 'ping:x' on the topic is answered by \
            'pong:x'; /echo/1.0.0 copies bytes back.
            Example: banyan lab peer --listen /ip4/127.0.0.1/tcp/0 --seed 7
            """)

    @Option(help: "Address to listen on; may be repeated.")
    var listen: [String] = ["/ip4/127.0.0.1/tcp/0"]
    @Option(help: "Address of a peer to stay connected to; may be repeated.")
    var dial: [String] = []
    @Option(help: "What identify says of the network.")
    var protocolVersion = SwarmConfiguration().protocolVersion
    @Option(help: "The topic to join.")
    var topic = "interop"
    @Option(help: "Make the key from this number instead of drawing it.")
    var seed: UInt64?
    @Flag(help: "Find peers on the local network.")
    var mdns = false
    @Flag(name: .shortAndLong, help: "Log to standard error.")
    var verbose = false

    func run() async throws {
        let key = try Lab.key(seed: seed)
        let logger = Lab.logger(verbose: verbose)
        var configuration = SwarmConfiguration()
        configuration.listen = try listen.map(Lab.address)
        configuration.bootstrap = try dial.map(Lab.address)
        configuration.protocolVersion = protocolVersion
        configuration.agentVersion = "banyan-lab"
        if mdns { configuration.mdns = MDNSConfiguration() }

        let swarm = SwarmService(key: key, configuration: configuration, logger: logger)
        let gossip = GossipService(swarm: swarm, key: key, logger: logger)
        swarm.handle("/echo/1.0.0") { stream in
            while true {
                let bytes = try await stream.read()
                guard !bytes.isEmpty else { return }
                try await stream.write(bytes)
            }
        }
        let topic = topic
        await gossip.join(topic) { [weak gossip] message, _ in
            if message.data.starts(with: Array("ping:".utf8)) {
                try? await gossip?.publish(Array("pong:".utf8) + message.data.dropFirst(5), on: topic)
            }
            return .accept
        }
        for address in try await swarm.listen() { Self.say("LISTEN \(address)") }
        Self.say("READY")
        let group = ServiceGroup(
            services: [swarm, gossip], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await group.run()
    }

    /// Whoever reads through a pipe sees the line at once.
    private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
