import Swarm
import Synchronization
import Transport
import Wire

/// A transport that notes each dial when it begins and holds it until it is let through.
final class Turnstile: SwarmTransport {
    private struct State {
        var inner: MemoryTransport?
        var dials: [Multiaddress] = []
        var held: [AsyncStream<Void>.Continuation] = []
        var isOpen = false
    }

    private let state = Mutex(State())
    private let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)

    /// All addresses that were dialled.
    var dials: [Multiaddress] { state.withLock { $0.dials } }

    func placed(before inner: MemoryTransport) -> Turnstile {
        state.withLock { $0.inner = inner }
        return self
    }

    /// Waits for the next dial to begin.
    func arrival() async { for await _ in arrivals { return } }

    /// Lets all go on that are held, and all that come.
    func letThrough() {
        let held = state.withLock { state in
            state.isOpen = true
            return state.held
        }
        for dial in held { dial.finish() }
    }

    func dial(_ address: Multiaddress, deadline: Duration) async throws -> any Connection {
        let (permits, permit) = AsyncStream.makeStream(of: Void.self)
        let (inner, isOpen) = state.withLock { state in
            state.dials.append(address)
            state.held.append(permit)
            return (state.inner, state.isOpen)
        }
        arrived.yield()
        if !isOpen { for await _ in permits {} }
        try Task.checkCancellation()
        guard let inner else { throw TransportError.shutDown }
        return try await inner.dial(address, deadline: deadline)
    }

    func listen(on address: Multiaddress) async throws -> [Multiaddress] {
        try await state.withLock { $0.inner }?.listen(on: address) ?? []
    }

    func run() async throws { try await state.withLock { $0.inner }?.run() }
    func shutdown() async { await state.withLock { $0.inner }?.shutdown() }
}
