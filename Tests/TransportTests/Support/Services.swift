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

    init(_ bodies: [String: Body] = Services.echo, accepts: @escaping @Sendable (any Connection) -> Bool = { _ in true }) {
        self.bodies = bodies
        self.accepts = accepts
    }

    func protocols() -> [String] { bodies.keys.sorted() }
    func accepted(_ connection: any Connection) async -> Bool { accepts(connection) }
    func incoming(_ stream: any MuxedStream, on connection: any Connection) async {
        do { try await bodies[stream.protocolID]?(stream) } catch { stream.reset() }
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

/// Two TCP nodes on loopback; the second listens. Both run while `body` does.
func withTCPPair(
    limits: TransportLimits = TransportLimits(), _ services: Services = Services(),
    _ dialler: Services = Services(),
    body: @escaping @Sendable (_ near: TCPTransport, _ far: TCPTransport, _ address: Multiaddress) async throws -> Void
) async throws {
    let near = TCPTransport(key: key(1), limits: limits, delegate: dialler, logger: quiet)
    let far = TCPTransport(key: key(2), limits: limits, delegate: services, logger: quiet)
    let address = try await far.listen(on: loopback)[0].with(PeerID(key(2).publicKey))
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await near.run() }
        group.addTask { try await far.run() }
        do {
            try await body(near, far, address)
        } catch {
            group.cancelAll()
            throw error
        }
        await near.shutdown()
        await far.shutdown()
        try await group.waitForAll()
    }
}
