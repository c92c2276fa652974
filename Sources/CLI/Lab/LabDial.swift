import ArgumentParser
import Keys
import ServiceLifecycle
import Swarm
import Wire

/// Connects to one peer of any implementation and says what it is like.
struct LabDial: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dial",
        abstract: "Connect to a peer, identify and ping it, and print what it says.",
        discussion: """
            Ends with an error when the peer is not reached, is another one than the address names, or does not answer.
            Example: banyan lab dial /ip4/127.0.0.1/tcp/4001/p2p/12D3KooW… --json
            """)

    @Argument(help: "The peer's address; '/p2p/…' at its end is checked.")
    var address: String
    @Option(help: "Pings to send.")
    var count = 4
    @Option(help: "Seconds between two pings.")
    var interval = 1.0
    @Option(help: "Give up after this many seconds.")
    var timeout = 20.0
    @Option(help: "What identify says of the network.")
    var protocolVersion = SwarmConfiguration().protocolVersion
    @Option(help: "Make the key from this number instead of drawing it.")
    var seed: UInt64?
    @Flag(name: .shortAndLong, help: "Log to standard error.")
    var verbose = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard count > 0 else { throw ValidationError("--count \(count) measures nothing; use at least 1") }
        guard interval >= 0, interval <= 3600, timeout > 0, timeout <= 3600 else {
            throw ValidationError("--interval and --timeout are seconds up to 3600")
        }
    }

    func run() async throws {
        let target = try Lab.address(address)
        let logger = Lab.logger(verbose: verbose)
        var configuration = SwarmConfiguration()
        configuration.protocolVersion = protocolVersion
        configuration.agentVersion = "banyan-lab"
        configuration.limits.dialDeadline = .seconds(timeout)
        let swarm = SwarmService(key: try Lab.key(seed: seed), configuration: configuration, logger: logger)

        let seen = try await withThrowingTaskGroup(of: PeerSeen?.self) { group in
            group.addTask {
                try await swarm.run()
                return nil
            }
            group.addTask { try await look(at: target, with: swarm) }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let seen else { throw CleanExit.message("stopped before the peer answered") }
        try output.show(seen) { "\($0)" }
    }

    private func look(at target: Multiaddress, with swarm: SwarmService) async throws -> PeerSeen {
        let clock = ContinuousClock()
        let start = clock.now
        let peer = try await swarm.reach(target)
        let connected = clock.now - start
        var trips = [try await swarm.ping(peer) / .milliseconds(1)]
        let answered = clock.now - start
        _ = try await swarm.connect(to: target)  // Until the peer has said who it is, too.
        for _ in 1..<count {
            try await clock.sleep(for: .seconds(interval))
            trips.append(try await swarm.ping(peer) / .milliseconds(1))
        }
        guard let summary = await swarm.peers().first(where: { $0.id == peer }) else {
            throw SwarmError.unknownPeer(peer)
        }
        guard !summary.protocols.isEmpty else { throw SwarmError.noAnswer(peer, protocolID: "/ipfs/id/1.0.0") }
        return PeerSeen(
            peer: peer.description, agent: summary.agent, protocolVersion: summary.protocolVersion,
            protocols: summary.protocols, listenAddresses: summary.listenAddresses.map(\.description),
            connectMilliseconds: connected / .milliseconds(1), answerMilliseconds: answered / .milliseconds(1),
            pingMilliseconds: trips)
    }
}

/// What a dial found.
private struct PeerSeen: Encodable, CustomStringConvertible, Sendable {
    let peer: String
    let agent: String?
    let protocolVersion: String?
    let protocols: [String]
    let listenAddresses: [String]
    /// Until the peer was authenticated, and until it had answered the first ping, both from nothing.
    let connectMilliseconds: Double
    let answerMilliseconds: Double
    let pingMilliseconds: [Double]

    var description: String {
        let pings = pingMilliseconds.map { "\(($0 * 100).rounded() / 100)" }.joined(separator: ", ")
        return """
            peer       \(peer)
            agent      \(agent ?? "–")
            version    \(protocolVersion ?? "–")
            protocols  \(protocols.joined(separator: " "))
            listens    \(listenAddresses.joined(separator: " "))
            connected  \((connectMilliseconds * 100).rounded() / 100) ms
            answered   \((answerMilliseconds * 100).rounded() / 100) ms
            pings      \(pings) ms
            """
    }
}
