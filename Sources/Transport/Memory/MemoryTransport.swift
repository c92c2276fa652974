package import Keys
package import Logging
internal import Synchronization
package import Wire

/// Where the transports of one test or simulation find each other; nothing leaves the process.
package final class MemoryNetwork: Sendable {
    private let state = Mutex<(transports: [UInt64: MemoryTransport], next: UInt64)>(([:], 1))

    package init() {}

    /// Gives `transport` the wanted number, or a free one for zero; nil when the number is taken.
    fileprivate func add(_ transport: MemoryTransport, wanted: UInt64) -> UInt64? {
        state.withLock { state in
            var number = wanted
            if number == 0 {
                while state.transports[state.next] != nil { state.next += 1 }
                number = state.next
            }
            guard state.transports[number] == nil else { return nil }
            state.transports[number] = transport
            return number
        }
    }

    fileprivate func remove(_ number: UInt64) { state.withLock { $0.transports[number] = nil } }

    fileprivate func transport(_ number: UInt64) -> MemoryTransport? { state.withLock { $0.transports[number] } }
}

/// The promises of ``TCPTransport`` inside one process: real yamux and multistream-select, no sockets, no encryption.
///
/// Addresses are `/memory/<number>`. Bytes move only while ``run()`` runs on both sides.
package final class MemoryTransport: Sendable {
    private let peer: PeerID
    private let network: MemoryNetwork
    private let limits: TransportLimits
    private let delegate: any ConnectionDelegate
    private let logger: Logger
    private let state = Mutex(State())
    private let joined: AsyncStream<MemoryEnd>
    private let joinedContinuation: AsyncStream<MemoryEnd>.Continuation

    private struct State {
        var numbers: [UInt64] = []
        var connections: [YamuxConnection] = []
        var isShutDown = false
    }

    package init(
        key: SigningKey, network: MemoryNetwork, limits: TransportLimits = TransportLimits(),
        delegate: any ConnectionDelegate, logger: Logger
    ) {
        peer = PeerID(key.publicKey)
        self.network = network
        self.limits = limits
        self.delegate = delegate
        self.logger = logger
        (joined, joinedContinuation) = AsyncStream.makeStream()
    }

    /// Listens on `/memory/<number>`; 0 takes a free number.
    package func listen(on address: Multiaddress) async throws -> [Multiaddress] {
        guard let wanted = Self.number(of: address.withoutPeer) else {
            throw TransportError.unsupportedAddress(address)
        }
        guard let number = network.add(self, wanted: wanted) else {
            throw TransportError.unreachable("\(address) is in use")
        }
        state.withLock { $0.numbers.append(number) }
        return [try Multiaddress([Multiaddress.Component(.memory, number.canonicalBytes)])]
    }

    /// Dials `/memory/<number>`, with the peer that must answer as `/p2p/…` at the end when it is known.
    package func dial(_ address: Multiaddress, deadline: Duration) async throws -> any Connection {
        let path = address.withoutPeer
        guard let number = Self.number(of: path) else { throw TransportError.unsupportedAddress(address) }
        guard !state.withLock({ $0.isShutDown }) else { throw TransportError.shutDown }
        guard let other = network.transport(number) else { throw TransportError.unreachable("nobody is at \(path)") }
        if let expected = address.peer, expected != other.peer {
            throw TransportError.wrongPeer(expected: expected, found: other.peer)
        }
        let origin = state.withLock { $0.numbers.first } ?? 0
        let back = try Multiaddress([Multiaddress.Component(.memory, origin.canonicalBytes)])
        let (near, far) = MemoryEnd.pair(
            dialler: (peer, back, limits), listener: (other.peer, path, other.limits))
        guard other.join(far), join(near) else {
            near.connection.end("this node is shutting down")
            throw TransportError.shutDown
        }
        return near.connection
    }

    /// Moves bytes and serves connections until ``shutdown()`` or cancellation; then everything is closed.
    package func run() async throws {
        await withDiscardingTaskGroup { tasks in
            for await end in joined {
                tasks.addTask {
                    await self.serve(end)
                    self.leave(end)
                }
                tasks.addTask { await end.pump() }
            }
            tasks.cancelAll()
        }
        await shutdown()
    }

    /// Closes every connection. The transport is then of no further use.
    package func shutdown() async {
        let (numbers, connections) = state.withLock { state in
            state.isShutDown = true
            defer { state.numbers = [] }
            return (state.numbers, state.connections)
        }
        for number in numbers { network.remove(number) }
        for connection in connections { connection.end("this node is shutting down") }
        joinedContinuation.finish()
    }

    private func join(_ end: MemoryEnd) -> Bool {
        let isOpen = state.withLock { state in
            if !state.isShutDown { state.connections.append(end.connection) }
            return !state.isShutDown
        }
        if isOpen { joinedContinuation.yield(end) }
        return isOpen
    }

    private func leave(_ end: MemoryEnd) {
        state.withLock { state in state.connections.removeAll { $0 === end.connection } }
    }

    private func serve(_ end: MemoryEnd) async {
        if !end.connection.isOutbound {
            guard await delegate.accepted(end.connection) else { return end.connection.end("not wanted here") }
        }
        end.connection.ping()
        await end.connection.serve(delegate, negotiationDeadline: limits.negotiationDeadline, logger: logger)
    }

    private static func number(of address: Multiaddress) -> UInt64? {
        guard address.components.count == 1, address.components[0].kind == .memory else { return nil }
        return address.components[0].value.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
