import Foundation
import Keys
import Logging
import Simulation
import Swarm
import Testing
import Transport
import Wire

/// `Fixtures/libp2p/vectors.json`.
struct Vectors {
    let root: [String: Any]

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../Fixtures/libp2p/vectors.json")
        root = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
    }

    func bytes(_ name: String) -> [UInt8] { (root[name] as? String).flatMap { Hex.decode($0) } ?? [] }

    /// The key of the node that was captured; the file holds seed and public key behind four bytes of protobuf.
    var key: SigningKey {
        let text = (root["key"] as? [String: String])?["private_pb"] ?? ""
        return SigningKey(seed: Array((Hex.decode(text) ?? []).dropFirst(4).prefix(32)))!
    }
}

func key(_ seed: UInt64) -> SigningKey { .seeded(seed) }

func peer(_ seed: UInt64) -> PeerID { key(seed).peer }

func address(_ text: String) -> Multiaddress { Multiaddress(text)! }

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs `count` swarms inside the process, each listening on `/memory/<index + 1>`, while `body` runs.
func withSwarms<Outcome: Sendable>(
    _ count: Int, configure: (_ index: Int, inout SwarmConfiguration) -> Void = { _, _ in },
    transport: (_ index: Int, MemoryTransport) -> any SwarmTransport = { $1 },
    _ body: @escaping @Sendable ([SwarmService]) async throws -> Outcome
) async throws -> Outcome {
    let network = MemoryNetwork()
    let swarms = (0..<count).map { index in
        var configuration = SwarmConfiguration()
        configuration.listen = [address("/memory/\(index + 1)")]
        configuration.agentVersion = "test-\(index)"
        // Other tests may have the processor for a while.
        configuration.limits.identifyDeadline = .seconds(60)
        configure(index, &configuration)
        return SwarmService(key: key(UInt64(index)), configuration: configuration, logger: quiet) {
            transport(
                index, MemoryTransport(key: key(UInt64(index)), network: network, delegate: $0, logger: quiet))
        }
    }
    for swarm in swarms { try await swarm.listen() }
    return try await withThrowingTaskGroup(of: Outcome?.self) { group in
        for swarm in swarms {
            group.addTask {
                try await swarm.run()
                return nil
            }
        }
        group.addTask { try await body(swarms) }
        defer { group.cancelAll() }
        while let outcome = try await group.next() {
            if let outcome { return outcome }
        }
        throw CancellationError()
    }
}

/// Waits until `holds`, looking again at each event of `swarm`.
func wait(for swarm: SwarmService, until holds: () async -> Bool) async {
    let events = swarm.events()
    if await holds() { return }
    for await _ in events {
        if await holds() { return }
    }
}

extension AsyncStream<SwarmEvent> {
    /// Waits for the first event that `matches`; nil when the stream ends before.
    func first(where matches: (SwarmEvent) -> Bool) async -> SwarmEvent? {
        for await event in self where matches(event) { return event }
        return nil
    }
}

/// `#expect` for calls that change a value.
func check(_ holds: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(holds, sourceLocation: sourceLocation)
}
