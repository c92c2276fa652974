import Keys
import Testing
import Transport
import Wire

/// The promises of streams and connections, kept by both transports.
@Suite("streams", .timeLimit(.minutes(5)))
struct StreamTests {
    @Test(
        "what is written to an echo comes back in order, and both sides know who the other is", arguments: Kind.allCases
    )
    func echo(kind: Kind) async throws {
        let seen = Shared<PeerID?>(nil)
        let services = Services(
            Services.echo,
            accepts: { connection in
                seen.value = connection.remotePeer
                return !connection.isOutbound
            })
        try await withPair(kind, services) { near, _, address in
            let connection = try await near.dial(address, deadline: .seconds(30))
            #expect(connection.remotePeer == PeerID(key(2).publicKey))
            #expect(connection.isOutbound)
            #expect(connection.remoteAddress == address.withoutPeer)
            let stream = try await connection.open(["/echo/1.0.0"], deadline: .seconds(30))
            #expect(stream.protocolID == "/echo/1.0.0")
            #expect(stream.remotePeer == connection.remotePeer)
            try await stream.write(Array("hello".utf8))
            #expect(try await stream.read(exactly: 5) == Array("hello".utf8))
            try await stream.closeWrite()
            #expect(try await stream.read() == [])
            #expect(try await stream.read() == [])
            #expect(connection.bytesReceived > 50)
            #expect(connection.bytesSent > 50)
        }
        #expect(seen.value == PeerID(key(1).publicKey))
    }

    @Test("64 MiB come back unchanged through 32 parallel streams of one connection", arguments: Kind.allCases)
    func parallel(kind: Kind) async throws {
        try await withPair(kind) { near, _, address in
            let connection = try await near.dial(address, deadline: .seconds(30))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for seed in 0..<UInt64(32) {
                    group.addTask {
                        var generator = SeededGenerator(seed: seed)
                        var block: [UInt8] = []
                        while block.count < 256 << 10 { block += generator.next().canonicalBytes }
                        let sent = block
                        let stream = try await connection.open(["/echo/1.0.0"], deadline: .seconds(120))
                        try await withThrowingTaskGroup(of: Void.self) { both in
                            both.addTask {
                                for _ in 0..<8 { try await stream.write(sent) }
                                try await stream.closeWrite()
                            }
                            let all = try await stream.readAll()
                            #expect(all.count == 8 * sent.count)
                            for start in stride(from: 0, to: all.count, by: sent.count) {
                                #expect(all[start..<start + sent.count] == sent[...])
                            }
                            try await both.waitForAll()
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(
        "a reader that does not read stops the writer at the window, and nothing is lost when it reads again",
        arguments: Kind.allCases)
    func slowReader(kind: Kind) async throws {
        let latch = Latch()
        let total = 8 << 20
        let services = Services().adding("/slow/1") { stream in
            await latch.wait()
            let all = try await stream.readAll()
            try await stream.writeFrame(UInt64(all.count).canonicalBytes)
            try await stream.closeWrite()
        }
        try await withPair(kind, services) { near, _, address in
            let connection = try await near.dial(address, deadline: .seconds(30))
            let slow = try await connection.open(["/slow/1"], deadline: .seconds(30))
            let written = Shared(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let block = [UInt8](repeating: 3, count: 16 << 10)
                    for _ in 0..<total / block.count {
                        try await slow.write(block)
                        written.value += block.count
                    }
                    try await slow.closeWrite()
                }
                // Other streams go on; after so many round trips an unbounded writer would be far ahead.
                let other = try await connection.open(["/echo/1.0.0"], deadline: .seconds(30))
                for _ in 0..<200 {
                    try await other.write([1, 2, 3])
                    _ = try await other.read(exactly: 3)
                    #expect(written.value <= 256 << 10)
                }
                #expect(connection.bytesSent < 512 << 10)
                latch.open()
                try await group.waitForAll()
            }
            let answer = try await FramedStream(slow).readFrame(limit: 8)
            #expect(answer == UInt64(total).canonicalBytes)
        }
    }

    @Test("a side that closed may still read, and the other may still write", arguments: Kind.allCases)
    func halfClose(kind: Kind) async throws {
        let services = Services().adding("/late/1") { stream in
            let question = try await stream.readAll()
            for _ in 0..<100 { try await stream.write(question) }
            try await stream.closeWrite()
        }
        try await withPair(kind, services) { near, _, address in
            let connection = try await near.dial(address, deadline: .seconds(30))
            let stream = try await connection.open(["/late/1"], deadline: .seconds(30))
            try await stream.write([1, 2, 3])
            try await stream.closeWrite()
            try await stream.closeWrite()
            await #expect(throws: TransportError.writeAfterClose) { try await stream.write([4]) }
            #expect(try await stream.readAll().count == 300)
        }
    }

    @Test("a reset by either side ends both directions, and the connection lives on", arguments: Kind.allCases)
    func reset(kind: Kind) async throws {
        let (ends, sawReset) = AsyncStream.makeStream(of: Bool.self)
        let services = Services()
            .adding("/rude/1") { stream in
                _ = try await stream.read()
                stream.reset()
            }
            .adding("/patient/1") { stream in
                do {
                    try await stream.write([1])
                    _ = try await stream.readAll()
                    sawReset.yield(false)
                } catch TransportError.streamReset { sawReset.yield(true) }
            }
        try await withPair(kind, services) { near, _, address in
            let connection = try await near.dial(address, deadline: .seconds(30))
            let rude = try await connection.open(["/rude/1"], deadline: .seconds(30))
            try await rude.write([1])
            await #expect(throws: TransportError.streamReset) { try await rude.read() }
            await #expect(throws: TransportError.streamReset) { try await rude.write([1]) }
            await #expect(throws: TransportError.streamReset) { try await rude.closeWrite() }

            let patient = try await connection.open(["/patient/1"], deadline: .seconds(30))
            _ = try await patient.read(exactly: 1)
            patient.reset()
            await #expect(throws: TransportError.streamReset) { try await patient.read() }
            for await end in ends {
                #expect(end)
                break
            }
            let echo = try await connection.open(["/echo/1.0.0"], deadline: .seconds(30))
            try await echo.write([5])
            #expect(try await echo.read(exactly: 1) == [5])
        }
    }

    @Test("a stream that nobody holds any more is reset", arguments: Kind.allCases)
    func dropped(kind: Kind) async throws {
        let (ends, continuation) = AsyncStream.makeStream(of: TransportError?.self)
        let services = Services().adding("/wait/1") { stream in
            do {
                _ = try await stream.readAll()
                continuation.yield(nil)
            } catch { continuation.yield(error as? TransportError) }
        }
        try await withPair(kind, services) { near, _, address in
            let connection = try await near.dial(address, deadline: .seconds(30))
            do {
                let stream = try await connection.open(["/wait/1"], deadline: .seconds(30))
                try await stream.write([1])
            }
            for await end in ends {
                #expect(end == .streamReset)
                break
            }
        }
    }

    @Test(
        "the first protocol that the peer answers is taken; none is an error that names them", arguments: Kind.allCases)
    func negotiation(kind: Kind) async throws {
        try await withPair(kind) { near, _, address in
            let connection = try await near.dial(address, deadline: .seconds(30))
            let stream = try await connection.open(["/none/1", "/echo/1.0.0"], deadline: .seconds(30))
            #expect(stream.protocolID == "/echo/1.0.0")
            await #expect(throws: TransportError.protocolsRefused(["/none/1", "/none/2"])) {
                try await connection.open(["/none/1", "/none/2"], deadline: .seconds(30))
            }
            await #expect(throws: TransportError.protocolsRefused([])) {
                try await connection.open([], deadline: .seconds(30))
            }
        }
    }

    @Test(
        "a protocol that the peer is known to speak is not waited for; a refusal after all ends the first read",
        arguments: Kind.allCases)
    func knownProtocol(kind: Kind) async throws {
        try await withPair(kind) { near, _, address in
            let connection = try await near.dial(address, deadline: .seconds(30))
            let stream = try await connection.open(known: "/echo/1.0.0", deadline: .seconds(30))
            #expect(stream.protocolID == "/echo/1.0.0")
            let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
            async let writing: Void = {
                try await stream.write(bytes)
                try await stream.closeWrite()
            }()
            #expect(try await stream.readAll() == bytes)
            try await writing
            let silent = try await connection.open(known: "/echo/1.0.0", deadline: .seconds(30))
            try await silent.closeWrite()
            #expect(try await silent.readAll().isEmpty)
            let refused = try await connection.open(known: "/none/1", deadline: .seconds(30))
            await #expect(throws: TransportError.protocolsRefused(["/none/1"])) { try await refused.read() }
            await #expect(throws: TransportError.protocolsRefused(["/none/1"])) { try await refused.write([4]) }
            // What is written behind a proposal that is refused is no proposal: the peer says so and ends the stream.
            for _ in 0..<20 {
                let broken = try await connection.open(known: "/none/1", deadline: .seconds(30))
                await #expect(throws: TransportError.protocolsRefused(["/none/1"])) {
                    try await broken.write([1, 2, 3])
                    _ = try await broken.read()
                }
            }
        }
    }

    @Test("a cancelled read throws, and the stream can still be read", arguments: Kind.allCases)
    func cancellation(kind: Kind) async throws {
        try await withPair(kind) { near, _, address in
            let connection = try await near.dial(address, deadline: .seconds(30))
            let stream = try await connection.open(["/echo/1.0.0"], deadline: .seconds(30))
            await #expect(throws: TransportError.deadlineExceeded("an answer")) {
                try await withDeadline(.milliseconds(20), "an answer") { try await stream.read() }
            }
            try await stream.write([7])
            #expect(try await stream.read(exactly: 1) == [7])
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do {
                        _ = try await stream.read()
                        return false
                    } catch { return error is CancellationError }
                }
                group.cancelAll()
                let wasCancelled = await group.next()
                #expect(wasCancelled == true)
            }
        }
    }

    @Test("writes of several tasks on one stream do not mix", arguments: Kind.allCases)
    func concurrentWrites(kind: Kind) async throws {
        try await withPair(kind) { near, _, address in
            let connection = try await near.dial(address, deadline: .seconds(30))
            let stream = try await connection.open(["/echo/1.0.0"], deadline: .seconds(30))
            let size = 100_000
            try await withThrowingTaskGroup(of: Void.self) { group in
                for value in 0..<UInt8(8) {
                    group.addTask {
                        for _ in 0..<4 { try await stream.write([UInt8](repeating: value, count: size)) }
                    }
                }
                let all = try await stream.read(exactly: 32 * size)
                for start in stride(from: 0, to: all.count, by: size) {
                    #expect(all[start..<start + size].allSatisfy { $0 == all[start] })
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("when a connection closes, everything that waits on it ends, on both sides", arguments: Kind.allCases)
    func closing(kind: Kind) async throws {
        let (ends, continuation) = AsyncStream.makeStream(of: Bool.self)
        let services = Services().adding("/wait/1") { stream in
            try await stream.write([1])
            do {
                _ = try await stream.readAll()
                continuation.yield(false)
            } catch { continuation.yield(true) }
        }
        try await withPair(kind, services) { near, _, address in
            let connection = try await near.dial(address, deadline: .seconds(30))
            let stream = try await connection.open(["/wait/1"], deadline: .seconds(30))
            #expect(try await stream.read(exactly: 1) == [1])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: TransportError.connectionClosed("closed here")) { try await stream.read() }
                }
                group.addTask { await connection.closed() }
                connection.close()
                connection.close()
                try await group.waitForAll()
            }
            for await end in ends {
                #expect(end)
                break
            }
            await connection.closed()
            await #expect(throws: TransportError.connectionClosed("closed here")) {
                try await connection.open(["/echo/1.0.0"], deadline: .seconds(30))
            }
        }
    }

    @Test("a connection that the delegate does not want is closed", arguments: Kind.allCases)
    func notAccepted(kind: Kind) async throws {
        try await withPair(kind, Services(Services.echo, accepts: { _ in false })) { near, _, address in
            let connection = try await near.dial(address, deadline: .seconds(30))
            await connection.closed()
            await #expect(throws: (any Error).self) {
                try await connection.open(["/echo/1.0.0"], deadline: .seconds(30))
            }
        }
    }

    @Test("the peer may open streams on the connection that we dialled", arguments: Kind.allCases)
    func bothWays(kind: Kind) async throws {
        let (connections, continuation) = AsyncStream.makeStream(of: (any Connection).self)
        let services = Services(
            Services.echo,
            accepts: {
                continuation.yield($0)
                return true
            })
        try await withPair(kind, services) { near, _, address in
            let ours = try await near.dial(address, deadline: .seconds(30))
            for await theirs in connections {
                #expect(!theirs.isOutbound)
                let stream = try await theirs.open(["/echo/1.0.0"], deadline: .seconds(30))
                #expect(stream.remotePeer == PeerID(key(1).publicKey))
                try await stream.write([1, 2])
                #expect(try await stream.read(exactly: 2) == [1, 2])
                break
            }
            ours.close()
        }
    }

    @Test("a peer that proves another identity than the address names is not connected", arguments: Kind.allCases)
    func wrongPeer(kind: Kind) async throws {
        try await withPair(kind) { near, _, address in
            let wrong = try address.with(PeerID(key(9).publicKey))
            await #expect(
                throws: TransportError.wrongPeer(expected: PeerID(key(9).publicKey), found: PeerID(key(2).publicKey))
            ) { try await near.dial(wrong, deadline: .seconds(30)) }
            let connection = try await near.dial(address.withoutPeer, deadline: .seconds(30))
            #expect(connection.remotePeer == PeerID(key(2).publicKey))
        }
    }

    @Test(
        "after a shutdown connections are closed, nothing is dialled, and the address is free again",
        arguments: Kind.allCases)
    func shutdown(kind: Kind) async throws {
        try await withPair(kind) { near, far, address in
            let connection = try await near.dial(address, deadline: .seconds(30))
            await far.shutdown()
            await connection.closed()
            await #expect(throws: TransportError.self) { try await near.dial(address, deadline: .seconds(30)) }
            await near.shutdown()
            await #expect(throws: TransportError.shutDown) { try await near.dial(address, deadline: .seconds(30)) }
        }
    }

    @Test("addresses of other kinds are refused by name", arguments: Kind.allCases)
    func unsupported(kind: Kind) async throws {
        try await withPair(kind) { near, _, _ in
            for text in ["/ip4/127.0.0.1/udp/4001/quic-v1", "/ip4/127.0.0.1", "/ip4/127.0.0.1/tcp/80/ws", "/tcp/80"] {
                let address = try #require(Multiaddress(text))
                await #expect(throws: TransportError.unsupportedAddress(address)) {
                    try await near.dial(address, deadline: .seconds(30))
                }
                await #expect(throws: TransportError.unsupportedAddress(address)) { try await near.listen(on: address) }
            }
        }
    }

    @Test("a connection that is closed and held by nobody leaves the memory", arguments: Kind.allCases)
    func noCycles(kind: Kind) async throws {
        let held = Held()
        try await withPair(
            kind,
            Services(
                Services.echo,
                accepts: {
                    held.add($0)
                    return true
                })
        ) { near, _, address in
            for _ in 0..<5 {
                let connection = try await near.dial(address, deadline: .seconds(30))
                held.add(connection)
                let stream = try await connection.open(["/echo/1.0.0"], deadline: .seconds(30))
                try await stream.write([1])
                _ = try await stream.read(exactly: 1)
                connection.close()
            }
            // Work of the same event loops passes the time until the last of them is gone.
            let other = try await near.dial(address, deadline: .seconds(30))
            let stream = try await other.open(["/echo/1.0.0"], deadline: .seconds(30))
            for _ in 0..<1000 where held.living > 1 {
                try await stream.write([1])
                _ = try await stream.read(exactly: 1)
            }
            #expect(held.count == 11)
            #expect(held.living == 1)  // The accepted side of the one that is open.
        }
    }

    @Test("streams above our own limit are refused, and a stream that ends makes room")
    func outboundLimit() async throws {
        let latch = Latch()
        var limits = TransportLimits()
        limits.outboundStreams = 3
        try await withPair(
            .memory, limits: limits,
            Services().adding("/hold/1") { stream in
                await latch.wait()
                stream.reset()
            }
        ) { near, _, address in
            let connection = try await near.dial(address, deadline: .seconds(30))
            var streams: [any MuxedStream] = []
            for _ in 0..<3 { streams.append(try await connection.open(["/hold/1"], deadline: .seconds(30))) }
            await #expect(throws: TransportError.limitReached("3 streams are open to one peer")) {
                try await connection.open(["/hold/1"], deadline: .seconds(30))
            }
            streams.removeLast()
            _ = try await connection.open(["/hold/1"], deadline: .seconds(30))
            latch.open()
        }
    }
}
