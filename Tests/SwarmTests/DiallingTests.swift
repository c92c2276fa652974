import Keys
import Swarm
import Synchronization
import Testing
import Transport
import Wire

private let target = address("/memory/2/p2p/\(peer(1))")

/// Who wants a peer while it is dialled. `Task.immediate` runs up to where a caller begins to wait, and the turnstile holds what is dialled: nothing
/// here depends on who is faster.
@Suite("One dial for all who want a peer", .timeLimit(.minutes(5)))
struct DiallingTests {
    /// Two nodes; what the first one dials has to pass `turnstile`.
    private func withTurnstile<Value: Sendable>(
        _ configure: (_ index: Int, inout SwarmConfiguration) -> Void = { _, _ in },
        _ body: @escaping @Sendable (_ turnstile: Turnstile, _ swarms: [SwarmService]) async throws -> Value
    ) async throws -> Value {
        let turnstile = Turnstile()
        return try await withSwarms(
            2, configure: configure, transport: { $0 == 0 ? turnstile.placed(before: $1) as any SwarmTransport : $1 },
            { swarms in try await body(turnstile, swarms) })
    }

    @Test("whoever connects, reaches or asks a peer that is being dialled waits for that dial")
    func shared() async throws {
        try await withTurnstile { turnstile, swarms in
            let first = Task { try await swarms[0].connect(to: target) }
            await turnstile.arrival()
            let others = [
                Task.immediate { try await swarms[0].connect(to: target) },
                Task.immediate { try await swarms[0].reach(target) },
                Task.immediate { try await swarms[0].open(["/ipfs/ping/1.0.0"], to: peer(1)).remotePeer },
            ]
            #expect(turnstile.dials == [target])
            turnstile.letThrough()
            for task in [first] + others { try await check(task.value == peer(1)) }
            #expect(turnstile.dials == [target])
            #expect(await swarms[0].peers().map(\.connections) == [1])
        }
    }

    @Test("a bootstrap peer that is being dialled is not dialled once more by who connects to it")
    func bootstrap() async throws {
        try await withTurnstile { index, configuration in
            if index == 0 { configuration.bootstrap = [target] }
        } _: { turnstile, swarms in
            await turnstile.arrival()
            let other = Task.immediate { try await swarms[0].connect(to: target) }
            #expect(turnstile.dials == [target])
            turnstile.letThrough()
            try await check(other.value == peer(1))
            #expect(turnstile.dials == [target])
        }
    }

    @Test("bootstrap peers are dialled side by side: one that does not answer holds up no other")
    func silentBootstrap() async throws {
        let all = [address("/memory/7"), address("/memory/8"), target]
        try await withTurnstile { index, configuration in
            if index == 0 { configuration.bootstrap = all }
        } _: { turnstile, swarms in
            // All are held: had one to end before the next begins, this would wait for ever.
            for _ in all { await turnstile.arrival() }
            #expect(Set(turnstile.dials) == Set(all))
            turnstile.letThrough()
            await wait(for: swarms[0]) { await swarms[0].connectedPeers == [peer(1)] }
        }
    }

    @Test("an address that names nobody is dialled once for all who want whoever is there")
    func nameless() async throws {
        try await withTurnstile { turnstile, swarms in
            let first = Task { try await swarms[0].connect(to: address("/memory/2")) }
            await turnstile.arrival()
            let other = Task.immediate { try await swarms[0].reach(address("/memory/2")) }
            turnstile.letThrough()
            for task in [first, other] { try await check(task.value == peer(1)) }
            #expect(turnstile.dials == [address("/memory/2")])
        }
    }

    @Test("who began a dial may be cancelled: it waits no longer, and the others get the connection")
    func cancelledFirst() async throws {
        try await withTurnstile { turnstile, swarms in
            let first = Task { try await swarms[0].connect(to: target) }
            await turnstile.arrival()
            let other = Task.immediate { try await swarms[0].reach(target) }
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            turnstile.letThrough()
            try await check(other.value == peer(1))
            #expect(turnstile.dials == [target])
        }
    }

    @Test("who joined a dial keeps its own deadline, and the dial goes on")
    func ownDeadline() async throws {
        try await withTurnstile { turnstile, swarms in
            let first = Task { try await swarms[0].connect(to: target) }
            await turnstile.arrival()
            await #expect(throws: TransportError.deadlineExceeded("a stream to \(peer(1))")) {
                try await swarms[0].open(["/ipfs/ping/1.0.0"], to: peer(1), deadline: .zero)
            }
            let joined = Task.immediate { try await swarms[0].reach(target) }
            joined.cancel()
            await #expect(throws: CancellationError.self) { try await joined.value }
            turnstile.letThrough()
            try await check(first.value == peer(1))
            #expect(turnstile.dials == [target])
        }
    }

    @Test("an address that somebody knows besides is tried by the dial under way, and everybody gets the connection")
    func otherAddress() async throws {
        try await withTurnstile { turnstile, swarms in
            let empty = try address("/memory/9").with(peer(1))
            let first = Task { try await swarms[0].connect(to: empty) }
            await turnstile.arrival()
            let other = Task.immediate { try await swarms[0].connect(to: target) }
            #expect(turnstile.dials == [empty])
            turnstile.letThrough()
            for task in [first, other] { try await check(task.value == peer(1)) }
            #expect(turnstile.dials == [empty, target])
        }
    }

    @Test("when no address answers, each is told what it asked for: the error of its address, or of all")
    func failure() async throws {
        try await withTurnstile { turnstile, swarms in
            let addresses = try [9, 8].map { try address("/memory/\($0)").with(peer(1)) }
            let first = Task { try await swarms[0].connect(to: addresses[0]) }
            await turnstile.arrival()
            let second = Task.immediate { try await swarms[0].reach(addresses[1]) }
            turnstile.letThrough()
            await #expect(throws: TransportError.unreachable("nobody is at /memory/9")) { try await first.value }
            await #expect(throws: TransportError.unreachable("nobody is at /memory/8")) { try await second.value }
            #expect(turnstile.dials == addresses)
        }
        try await withTurnstile { turnstile, swarms in
            turnstile.letThrough()
            let addresses = [address("/memory/9"), address("/memory/8")]
            swarms[0].learn(addresses, of: peer(1))
            let reasons = addresses.map { "\($0): \(TransportError.unreachable("nobody is at \($0)"))" }
            await #expect(throws: SwarmError.allDialsFailed(peer(1), reasons)) {
                try await swarms[0].open(["/x"], to: peer(1), deadline: .seconds(60))
            }
        }
    }

    @Test("who waits for a dial when the node stops is told so")
    func stop() async throws {
        let waiting = try await withTurnstile { turnstile, swarms in
            let first = Task { try await swarms[0].connect(to: target) }
            await turnstile.arrival()
            return first
        }
        await #expect(throws: SwarmError.notRunning) { try await waiting.value }
    }

    @Test("who waits for a dial of a node that cannot listen is told so")
    func cannotListen() async throws {
        var configuration = SwarmConfiguration()
        configuration.listen = [address("/ip4/127.0.0.1/tcp/1")]
        let swarm = SwarmService(key: key(2), configuration: configuration, logger: quiet) {
            MemoryTransport(key: key(2), network: MemoryNetwork(), delegate: $0, logger: quiet)
        }
        let waiting = Task.immediate { try await swarm.connect(to: address("/memory/5")) }
        await #expect(throws: TransportError.unsupportedAddress(configuration.listen[0])) { try await swarm.run() }
        await #expect(throws: SwarmError.notRunning) { try await waiting.value }
    }

    @Test("one ping is shared; who is cancelled waits no longer, and the others are told the time")
    func ping() async throws {
        try await withSwarms(2) { swarms in
            let pinged = Atomic<Int>(0)
            let (pings, ping) = AsyncStream.makeStream(of: Void.self)
            let (answers, answer) = AsyncStream.makeStream(of: Void.self)
            swarms[1].handle("/ipfs/id/1.0.0") { _ in }  // Who is not identified is not pinged unasked.
            swarms[1].handle("/ipfs/ping/1.0.0") { stream in
                pinged.add(1, ordering: .sequentiallyConsistent)
                ping.yield()
                let bytes = try await stream.read()
                for await _ in answers {}
                try await stream.write(bytes)
            }
            try await check(swarms[0].reach(target) == peer(1))
            let first = Task { try await swarms[0].ping(peer(1)) }
            for await _ in pings { break }
            let others = (0..<2).map { _ in Task.immediate { try await swarms[0].ping(peer(1)) } }
            for task in [first, others[0]] {
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            answer.finish()
            try await check(others[1].value > .zero)
            #expect(pinged.load(ordering: .sequentiallyConsistent) == 1)
        }
    }

    @Test("a peer is asked once who it is, however many wait for it")
    func identifiedOnce() async throws {
        try await withSwarms(2) { swarms in
            let asked = Atomic<Int>(0)
            let (questions, question) = AsyncStream.makeStream(of: Void.self)
            let (answers, answer) = AsyncStream.makeStream(of: Void.self)
            swarms[1].handle("/ipfs/id/1.0.0") { stream in
                asked.add(1, ordering: .sequentiallyConsistent)
                question.yield()
                for await _ in answers {}
                try await stream.writeFrame([])
            }
            try await check(swarms[0].reach(target) == peer(1))
            for await _ in questions { break }
            let waiting = (0..<3).map { _ in Task.immediate { try await swarms[0].connect(to: target) } }
            waiting[1].cancel()
            await #expect(throws: CancellationError.self) { try await waiting[1].value }
            answer.finish()
            try await check(waiting[0].value == peer(1))
            try await check(waiting[2].value == peer(1))
            #expect(asked.load(ordering: .sequentiallyConsistent) == 1)
        }
    }
}
