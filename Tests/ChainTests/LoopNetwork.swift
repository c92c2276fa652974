import Chain
import Keys
import Synchronization

/// Connects services of one process: every message reaches every other one, and requests are answered at once.
final class LoopNetwork: Sendable {
    private let services = Mutex<[PeerID: ChainService]>([:])
    private let said = Mutex<[[UInt8]]>([])

    func add(_ service: ChainService, as peer: PeerID) { services.withLock { $0[peer] = service } }
    func remove(_ peer: PeerID) { services.withLock { $0[peer] = nil } }
    func port(of peer: PeerID) -> Port { Port(network: self, own: peer) }

    /// Everything that was published, in its order.
    var published: [[UInt8]] { said.withLock(\.self) }

    private func others(than peer: PeerID) -> [(PeerID, ChainService)] {
        services.withLock { $0.filter { $0.key != peer }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }

    struct Unreachable: Error {}

    struct Port: ChainNetwork {
        let network: LoopNetwork
        let own: PeerID

        func publish(_ message: [UInt8], on topic: ChainTopic) async {
            network.said.withLock { $0.append(message) }
            for (_, service) in network.others(than: own) { _ = await service.receive(message, on: topic, from: own) }
        }

        func request(_ body: [UInt8], to peer: PeerID) async throws -> [UInt8] {
            guard let service = network.services.withLock({ $0[peer] }) else { throw Unreachable() }
            return await service.answer(body, from: own)
        }

        func peers() async -> [PeerID] { network.others(than: own).map(\.0) }
    }
}

/// Runs services until `body` is done.
func run(_ services: [ChainService], _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for service in services { group.addTask { try await service.run() } }
        try await body()
        group.cancelAll()
    }
}
