public import API
internal import Keys
internal import Logging
internal import Swarm
internal import Wire

/// A libp2p node of your own: TCP, Noise and yamux, with identify and ping, and the protocols you serve.
///
/// It speaks to every node of Banyan, and to go-, py- and rust-libp2p.
public final class Peer: Sendable {
    /// The libp2p peer id, `12D3KooW…`.
    public let id: String
    private let swarm: SwarmService

    /// - Parameters:
    ///   - addresses: where to listen, such as `/ip4/127.0.0.1/tcp/0`; empty for a peer that only dials.
    ///   - secret: 32 bytes that make the key, and so the id; nil draws a fresh one.
    /// - Throws: `Problem` that names the address or the secret.
    public init(listening addresses: [String] = [], secret: [UInt8]? = nil) throws(Problem) {
        var key = SigningKey.generate()
        if let secret {
            guard let made = SigningKey(seed: secret) else {
                throw .invalid("A secret of \(secret.count) bytes makes no key.", remedy: "It has 32 bytes.")
            }
            key = made
        }
        var configuration = SwarmConfiguration()
        for address in addresses { configuration.listen.append(try Self.parse(address)) }
        id = "\(key.peer)"
        swarm = SwarmService(
            key: key, configuration: configuration, logger: Logger(label: "peer") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Answers one request a stream of a protocol. A request and its answer are each a length (unsigned varint) and so many bytes.
    /// - Parameters:
    ///   - limit: bytes of the longest request; a longer one is refused before it is read.
    ///   - answer: one that throws resets the stream.
    public func serve(
        _ protocolID: String, limit: Int, _ answer: @escaping @Sendable ([UInt8]) async throws -> [UInt8]
    ) {
        swarm.serve(protocolID, requestLimit: limit) { request, _ in try await answer(request) }
    }

    /// Listens, and runs the peer for as long as `body` does. Call it once.
    /// - Parameter body: gets the addresses at which this peer can be reached, `/ip4/…/tcp/…/p2p/12D3KooW…`.
    /// - Returns: what `body` returns.
    public func run<Result: Sendable>(
        _ body: @escaping @Sendable (_ addresses: [String]) async throws -> Result
    ) async throws -> Result {
        let addresses = try await swarm.listen().map { "\($0)" }
        let swarm = swarm
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await swarm.run()
                return nil
            }
            group.addTask { try await body(addresses) }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let result = finished { return result }
            }
            throw CancellationError()
        }
    }

    /// Dials `address`, if there is no connection yet, sends a request and waits for its answer. Only inside ``run(_:)``.
    /// - Parameters:
    ///   - address: ends with `/p2p/12D3KooW…` when that peer and no other must answer.
    ///   - answerLimit: bytes of the longest answer that is taken.
    public func request(
        _ protocolID: String, _ bytes: [UInt8], at address: String, answerLimit: Int = 1 << 20,
        deadline: Duration = .seconds(15)
    ) async throws -> [UInt8] {
        let peer = try await swarm.reach(try Self.parse(address))
        return try await swarm.request(protocolID, bytes, to: peer, answerLimit: answerLimit, deadline: deadline)
    }

    private static func parse(_ text: String) throws(Problem) -> Multiaddress {
        do { return try Multiaddress(parsing: text) } catch {
            throw .invalid("'\(text)' is no address: \(error)", remedy: "One looks like /ip4/127.0.0.1/tcp/4001.")
        }
    }
}
