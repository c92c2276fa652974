import Keys
import Logging
import Synchronization
import Testing
import Transport
import Wire

/// A node's answers to streams, by protocol.
final class Services: ConnectionDelegate {
    typealias Body = @Sendable (any MuxedStream) async throws -> Void

    private let bodies: [String: Body]
    private let accepts: @Sendable (any Connection) -> Bool

    init(
        _ bodies: [String: Body] = Services.echo, accepts: @escaping @Sendable (any Connection) -> Bool = { _ in true }
    ) {
        self.bodies = bodies
        self.accepts = accepts
    }

    func protocols() -> [String] { bodies.keys.sorted() }
    func accepted(_ connection: any Connection) async -> Bool { accepts(connection) }
    func incoming(_ stream: any MuxedStream, on connection: any Connection) async {
        do { try await bodies[stream.protocolID]?(stream) } catch { stream.reset() }
    }

    func adding(_ protocolID: String, _ body: @escaping Body) -> Services {
        Services(bodies.merging([protocolID: body]) { $1 }, accepts: accepts)
    }

    /// Sends everything back, and closes when the peer does.
    static let echo: [String: Body] = [
        "/echo/1.0.0": { stream in
            while true {
                let bytes = try await stream.read()
                if bytes.isEmpty { break }
                try await stream.write(bytes)
            }
            try await stream.closeWrite()
        }
    ]
}

let quiet: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}()

/// The same key for the same number.
func key(_ number: UInt8) -> SigningKey { SigningKey(seed: [UInt8](repeating: number, count: 32))! }

let loopback = Multiaddress("/ip4/127.0.0.1/tcp/0")!

extension MuxedStream {
    /// Everything until the peer closes its side.
    func readAll() async throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = try await read()
            if bytes.isEmpty { return all }
            all += bytes
        }
    }

    func read(exactly count: Int) async throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count < count {
            let bytes = try await read()
            guard !bytes.isEmpty else { throw TransportError.truncatedFrame(missing: count - all.count) }
            all += bytes
        }
        #expect(all.count == count)
        return all
    }
}

/// What both transports have in common.
protocol Node: Sendable {
    func listen(on address: Multiaddress) async throws -> [Multiaddress]
    func dial(_ address: Multiaddress, deadline: Duration) async throws -> any Connection
    func run() async throws
    func shutdown() async
}

extension TCPTransport: Node {}
extension MemoryTransport: Node {}

enum Kind: CaseIterable, Sendable { case tcp, memory }

/// Two nodes; the second listens. Both run while `body` does, which gets the address with the peer.
func withPair(
    _ kind: Kind, limits: TransportLimits = TransportLimits(), _ services: Services = Services(),
    dialler: Services = Services(),
    body: @escaping @Sendable (_ near: any Node, _ far: any Node, _ address: Multiaddress) async throws -> Void
) async throws {
    let near: any Node
    let far: any Node
    let address: Multiaddress
    switch kind {
    case .tcp:
        near = TCPTransport(key: key(1), limits: limits, delegate: dialler, logger: quiet)
        far = TCPTransport(key: key(2), limits: limits, delegate: services, logger: quiet)
        address = loopback
    case .memory:
        let network = MemoryNetwork()
        near = MemoryTransport(key: key(1), network: network, limits: limits, delegate: dialler, logger: quiet)
        far = MemoryTransport(key: key(2), network: network, limits: limits, delegate: services, logger: quiet)
        address = Multiaddress("/memory/0")!
    }
    let bound = try await far.listen(on: address)[0].with(PeerID(key(2).publicKey))
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await near.run() }
        group.addTask { try await far.run() }
        do {
            try await body(near, far, bound)
        } catch {
            group.cancelAll()
            throw error
        }
        await near.shutdown()
        await far.shutdown()
        try await group.waitForAll()
    }
}
