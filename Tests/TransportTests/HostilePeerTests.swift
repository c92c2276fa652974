import Keys
import NIOCore
import NIOPosix
import Testing
import Transport
import Wire

@Suite("hostile peers over TCP", .timeLimit(.minutes(3)))
struct HostilePeerTests {
    private static let header = MultistreamInitiator(["/noise"]).start().prefix(20)

    /// The node at `address` still serves a new peer.
    private func expectAlive(_ near: any Node, _ address: Multiaddress) async throws {
        let connection = try await near.dial(address, deadline: .seconds(30))
        let stream = try await connection.open(["/echo/1.0.0"], deadline: .seconds(30))
        try await stream.write([1])
        #expect(try await stream.read(exactly: 1) == [1])
        connection.close()
    }

    @Test("malformed first bytes close the connection, and the node goes on")
    func garbage() async throws {
        try await withPair(.tcp) { near, _, address in
            let noise = MultistreamInitiator(["/noise"]).start()
            let inputs: [[UInt8]] = [
                Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), [UInt8](repeating: 0xff, count: 12), [0x13, 1, 2, 3],
                Self.header + [0xf0, 0xa2, 0x04], Self.header + [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
                noise + [0, 0], noise + [0, 31] + [UInt8](repeating: 1, count: 31),
                noise + [0, 32] + [UInt8](repeating: 0, count: 32), noise + [0xff, 0xff],
                noise + [0, 32] + [UInt8](repeating: 9, count: 32) + [0, 168] + [UInt8](repeating: 9, count: 168),
            ]
            for input in inputs {
                try await RawPeer.connect(to: address) { peer in
                    try? await peer.send(input)
                    await peer.drain()
                }
            }
            try await expectAlive(near, address)
        }
    }

    @Test("a handshake of one byte per packet succeeds, and broken rules inside the channel close it with a go-away")
    func insideTheChannel() async throws {
        try await withPair(.tcp) { near, _, address in
            let inputs: [[UInt8]] = [
                Raw.frame(9, 0, 0, 0), Raw.frame(Raw.data, Raw.syn, 1, 1 << 30), Raw.frame(Raw.window, Raw.syn, 2, 0),
                Raw.frame(Raw.data, 0, 0, 5),
            ]
            for (index, input) in inputs.enumerated() {
                try await RawPeer.connect(to: address) { peer in
                    var channel = try await peer.upgrade(piece: index == 0 ? 1 : .max)
                    #expect(channel.peer == PeerID(key(2).publicKey))
                    try await peer.send(channel.sealer.seal(Raw.frame(Raw.ping, Raw.syn, 0, 77) + input))
                    var text: [UInt8] = channel.leftover
                    while let bytes = await peer.receive() { text += try channel.opener.open(bytes) }
                    #expect(text.contains(frame: Raw.frame(Raw.ping, Raw.ack, 0, 77)))
                    #expect(text.suffix(12) == Raw.frame(Raw.goAway, 0, 0, 1)[...])
                }
            }
            try await RawPeer.connect(to: address) { peer in
                _ = try await peer.upgrade()
                try await peer.send([0, 20] + [UInt8](repeating: 5, count: 20))  // Not authentic.
                await peer.drain()
            }
            try await expectAlive(near, address)
        }
    }

    @Test("200 silent connections do not keep a new peer out, whether they fit or not", arguments: [16, 512])
    func silentCrowd(transient: Int) async throws {
        var limits = TransportLimits()
        limits.transientConnections = transient
        try await withPair(.tcp, limits: limits) { near, _, address in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let (connected, connecting) = AsyncStream.makeStream(of: Void.self)
                let (evicted, evicting) = AsyncStream.makeStream(of: Void.self)
                for _ in 0..<200 {
                    group.addTask {
                        try await RawPeer.connect(to: address) { peer in
                            connecting.yield()
                            await peer.drain()
                            evicting.yield()
                        }
                    }
                }
                for await _ in connected.prefix(200) {}
                // All but those that fit have made room: none of the crowd can come after the new peer and push it out.
                for await _ in evicted.prefix(200 - min(transient, 200)) {}
                try await expectAlive(near, address)
                group.cancelAll()
                while let outcome = await group.nextResult() { _ = outcome }
            }
        }
    }

    @Test("a silent connection is closed when its deadline has passed, at every stage of the handshake")
    func silence() async throws {
        var limits = TransportLimits()
        limits.handshakeDeadline = .milliseconds(100)
        try await withPair(.tcp, limits: limits) { _, _, address in
            let noise = MultistreamInitiator(["/noise"]).start()
            for input in [[], Array(Self.header), noise, noise + [0, 32] + [UInt8](repeating: 9, count: 32)] {
                try await RawPeer.connect(to: address) { peer in
                    // On a slow machine the deadline may come before the bytes.
                    if !input.isEmpty { try? await peer.send(input) }
                    await peer.drain()
                }
            }
        }
    }

    @Test("a dialler gives up on a listener that says nothing, and on one that nobody listens at")
    func silentListener() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = UInt16(try #require(server.localAddress?.port))
        let address = try Multiaddress([#require(.ip([127, 0, 0, 1])), .tcp(port)])
        let node = TCPTransport(key: key(1), limits: TransportLimits(), delegate: Services(), logger: quiet)
        let late = await #expect(throws: TransportError.self) {
            try await node.dial(address, deadline: .milliseconds(100))
        }
        guard case .deadlineExceeded = late else {
            Issue.record("\(String(describing: late))")
            return
        }
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    _ = try await node.dial(address, deadline: .seconds(600))
                    return false
                } catch { return true }
            }
            group.cancelAll()
            let ended = await group.next()
            #expect(ended == true)
        }
        try await server.close().get()
        let error = await #expect(throws: TransportError.self) { try await node.dial(address, deadline: .seconds(30)) }
        guard case .unreachable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a peer that opens streams and says nothing on them loses them, not the connection")
    func silentStreams() async throws {
        var limits = TransportLimits()
        limits.negotiationDeadline = .milliseconds(50)
        try await withPair(.tcp, limits: limits) { _, _, address in
            try await RawPeer.connect(to: address) { peer in
                var channel = try await peer.upgrade()
                try await peer.send(channel.sealer.seal(Raw.frame(Raw.window, Raw.syn, 1, 0)))
                var text = channel.leftover
                while !text.contains(frame: Raw.frame(Raw.window, Raw.rst, 1, 0)) {
                    guard let bytes = await peer.receive() else {
                        Issue.record("the connection was closed")
                        return
                    }
                    text += try channel.opener.open(bytes)
                }
                try await peer.send(channel.sealer.seal(Raw.frame(Raw.ping, Raw.syn, 0, 5)))
                while !text.contains(frame: Raw.frame(Raw.ping, Raw.ack, 0, 5)) {
                    text += try channel.opener.open(try #require(await peer.receive()))
                }
            }
        }
    }

    @Test("a peer that asks for answers and reads none is closed before the answers fill the memory")
    func flood() async throws {
        try await withPair(.tcp) { near, _, address in
            try await RawPeer.connect(to: address) { peer in
                var channel = try await peer.upgrade()
                var block: [UInt8] = []
                for _ in 0..<5000 { block += Raw.frame(Raw.ping, Raw.syn, 0, 1) }
                // 120 MB of answers: far more than the system's buffers and ours take.
                await #expect(throws: (any Error).self) {
                    for _ in 0..<2000 { try await peer.send(channel.sealer.seal(block)) }
                }
            }
            try await expectAlive(near, address)
        }
    }

    @Test("connections above the limit are closed after the handshake, those below stay")
    func tooMany() async throws {
        var limits = TransportLimits()
        limits.inboundConnections = 2
        try await withPair(.tcp, limits: limits) { near, _, address in
            let first = try await near.dial(address, deadline: .seconds(30))
            let second = try await near.dial(address, deadline: .seconds(30))
            let third = try await near.dial(address, deadline: .seconds(30))
            await third.closed()
            for connection in [first, second] {
                let stream = try await connection.open(["/echo/1.0.0"], deadline: .seconds(30))
                try await stream.write([1])
                #expect(try await stream.read(exactly: 1) == [1])
            }
        }
    }

    @Test("a source that connects faster than allowed is turned away")
    func rate() async throws {
        var limits = TransportLimits()
        limits.acceptBurst = 1
        limits.acceptsPerSecond = 1
        try await withPair(.tcp, limits: limits) { near, _, address in
            // At once: however slowly this machine takes them, not each a second after the other.
            let refused = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<12 {
                    group.addTask { (try? await near.dial(address, deadline: .seconds(30))) == nil }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(refused > 0)
        }
    }
}

extension [UInt8] {
    /// Whether one of the 12-byte frames here is `frame`; there are no data frames in these tests.
    fileprivate func contains(frame: [UInt8]) -> Bool {
        stride(from: 0, to: count - 11, by: 12).contains { self[$0..<$0 + 12] == frame[...] }
    }
}
