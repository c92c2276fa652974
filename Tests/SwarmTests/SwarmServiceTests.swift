import Keys
import Swarm
import Synchronization
import Testing
import Transport
import Wire

@Suite(.timeLimit(.minutes(5))) struct SwarmServiceTests {
    @Test("both sides of a connection know the other's agent and protocols")
    func identify() async throws {
        try await withSwarms(2) { swarms in
            let found = try await swarms[0].connect(to: address("/memory/2"))
            #expect(found == peer(1))
            let summary = try #require(await swarms[0].peers().first)
            #expect(summary.agent == "test-1")
            #expect(summary.isOutbound)
            #expect(summary.protocols.contains("/ipfs/ping/1.0.0"))
            #expect(summary.listenAddresses == [address("/memory/2")])
            #expect(summary.bytesReceived > 0)
            await wait(for: swarms[1]) { await swarms[1].peers().first?.agent != nil }
            #expect(await swarms[1].peers().first?.agent == "test-0")
            #expect(await swarms[1].peers().first?.isOutbound == false)
        }
    }

    @Test("a request is answered, and an error of the answering side ends it")
    func request() async throws {
        try await withSwarms(2) { swarms in
            swarms[1].serve("/double", requestLimit: 100) { body, from in
                guard body.first != 0 else { throw CancellationError() }
                return body + body + from.bytes.prefix(1)
            }
            _ = try await swarms[0].connect(to: address("/memory/2"))
            func ask(_ body: [UInt8], _ limit: Int = 1000) async throws -> [UInt8] {
                try await swarms[0].request("/double", body, to: peer(1), answerLimit: limit, deadline: .seconds(20))
            }
            #expect(try await ask([1, 2]) == [1, 2, 1, 2, 0])
            #expect(try await ask([]) == [0])
            await #expect(throws: (any Error).self) { try await ask([0]) }
            await #expect(throws: (any Error).self) { try await ask([UInt8](repeating: 1, count: 101)) }
            await #expect(throws: TransportError.frameTooLong(length: 5, limit: 4)) { try await ask([1, 2], 4) }
            #expect(try await ask([UInt8](repeating: 1, count: 100)).count == 201)
        }
    }

    @Test("a peer that never answers costs the asker its deadline and nothing else")
    func silence() async throws {
        try await withSwarms(2) { swarms in
            swarms[1].handle("/silent") { stream in while try await !stream.read().isEmpty {} }
            swarms[1].serve("/never", requestLimit: 10) { _, _ in
                try await ContinuousClock().sleep(for: .seconds(3600))
                return []
            }
            _ = try await swarms[0].connect(to: address("/memory/2"))
            await #expect(throws: TransportError.self) {
                try await swarms[0].request("/never", [1], to: peer(1), answerLimit: 10, deadline: .milliseconds(50))
            }
            await #expect(throws: SwarmError.noAnswer(peer(1), protocolID: "/silent")) {
                try await swarms[0].request("/silent", [1], to: peer(1), answerLimit: 10, deadline: .seconds(20))
            }
            #expect(try await swarms[0].ping(peer(1)) > .zero)
        }
    }

    @Test("dialling fails with a reason: wrong peer, own address, nobody there, unknown peer, unknown protocol")
    func failures() async throws {
        try await withSwarms(2) { swarms in
            await #expect(throws: TransportError.wrongPeer(expected: peer(7), found: peer(1))) {
                try await swarms[0].connect(to: address("/memory/2").with(peer(7)))
            }
            await #expect(throws: SwarmError.dialledSelf(address("/memory/1"))) {
                try await swarms[0].connect(to: address("/memory/1"))
            }
            await #expect(throws: TransportError.self) { try await swarms[0].connect(to: address("/memory/99")) }
            await #expect(throws: SwarmError.unknownPeer(peer(8))) { try await swarms[0].open(["/x"], to: peer(8)) }
            _ = try await swarms[0].connect(to: address("/memory/2"))
            await #expect(throws: TransportError.protocolsRefused(["/x"])) {
                try await swarms[0].open(["/x"], to: peer(1))
            }
            #expect(await swarms[0].connectedPeers == [peer(1)])
        }
    }

    @Test("two nodes that dial each other at once both succeed", arguments: 0..<10)
    func simultaneous(round: Int) async throws {
        try await withSwarms(2) { swarms in
            for swarm in swarms { swarm.serve("/echo", requestLimit: 100) { body, _ in body } }
            async let one = swarms[0].connect(to: address("/memory/2"))
            async let two = swarms[1].connect(to: address("/memory/1"))
            #expect(try await [one, two] == [peer(1), peer(0)])
            for (swarm, other) in zip(swarms, [peer(1), peer(0)]) {
                #expect(await swarm.connectedPeers == [other])
                let answer = try await swarm.request("/echo", [9], to: other, answerLimit: 10, deadline: .seconds(20))
                #expect(answer == [9])
            }
        }
    }

    @Test("a hundred requests to a peer that is not connected share one dial")
    func sharedDial() async throws {
        try await withSwarms(2) { swarms in
            swarms[1].serve("/echo", requestLimit: 100) { body, _ in body }
            swarms[0].learn([address("/memory/2")], of: peer(1))
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for number in 0..<60 as Range<UInt8> {
                    group.addTask {
                        try await swarms[0].request(
                            "/echo", [number], to: peer(1), answerLimit: 9, deadline: .seconds(30))
                    }
                }
                var answers: [UInt8] = []
                for try await answer in group { answers += answer }
                #expect(answers.sorted() == Array(0..<60))
            }
            #expect(await swarms[0].peers().first?.connections == 1)
        }
    }

    @Test("a request to a peer that is not connected is answered before the peer has said who it is")
    func earlyRequest() async throws {
        try await withSwarms(2) { swarms in
            let (asked, asking) = AsyncStream.makeStream(of: Void.self)
            swarms[1].handle("/ipfs/id/1.0.0") { _ in for await _ in asked { break } }
            swarms[1].serve("/echo", requestLimit: 100) { body, _ in body }
            swarms[0].learn([address("/memory/2")], of: peer(1))
            func ask(_ protocolID: String) async throws -> [UInt8] {
                try await swarms[0].request(protocolID, [1], to: peer(1), answerLimit: 9, deadline: .seconds(30))
            }
            let answer = try await ask("/echo")
            #expect(answer == [1])
            #expect(await swarms[0].peers().first?.protocols == [])
            await #expect(throws: TransportError.protocolsRefused(["/none"])) { try await ask("/none") }
            #expect(try await swarms[0].reach(address("/memory/2").with(peer(1))) == peer(1))
            #expect(try await ask("/echo") == [1])
            #expect(await swarms[0].peers().first?.connections == 1)
            asking.finish()
        }
    }

    @Test("whoever connects over a connection that is there waits for the peer to say who it is, too")
    func lateIdentity() async throws {
        try await withSwarms(2) { swarms in
            let target = try address("/memory/2").with(peer(1))
            #expect(try await swarms[0].reach(target) == peer(1))
            #expect(try await swarms[0].connect(to: target) == peer(1))
            #expect(await swarms[0].peers().first?.agent == "test-1")
        }
    }

    @Test("bytes on the wire are counted over closed connections, too")
    func traffic() async throws {
        try await withSwarms(2) { swarms in
            swarms[1].serve("/echo", requestLimit: 1 << 16) { body, _ in body }
            var least: UInt64 = 0
            for _ in 0..<3 {
                _ = try await swarms[0].connect(to: address("/memory/2"))
                let body = [UInt8](repeating: 7, count: 1 << 16)
                _ = try await swarms[0].request(
                    "/echo", body, to: peer(1), answerLimit: 1 << 16, deadline: .seconds(30))
                least += 1 << 16
                let events = swarms[0].events()
                swarms[0].disconnect(peer(1))
                for await event in events { if case .disconnected(peer(1)) = event { break } }
                let total = await swarms[0].traffic
                #expect(await swarms[0].peers().isEmpty)
                #expect(total.sent > least && total.received > least)
            }
        }
    }

    @Test("a protocol that is added later is pushed to connected peers")
    func push() async throws {
        try await withSwarms(2) { swarms in
            let events = swarms[0].events()
            _ = try await swarms[0].connect(to: address("/memory/2"))
            swarms[1].serve("/late", requestLimit: 1) { _, _ in [] }
            let event = await events.first {
                if case .identified(peer(1), let protocols) = $0 { protocols.contains("/late") } else { false }
            }
            #expect(event != nil)
        }
    }

    @Test("a bootstrap peer that comes later is reached, and reached again after it was lost")
    func bootstrap() async throws {
        try await withSwarms(
            2,
            configure: { index, configuration in
                configuration.redialInterval = .milliseconds(10)
                if index == 0 { configuration.bootstrap = [address("/memory/2")] }
            },
            { swarms in
                await wait(for: swarms[0]) { await swarms[0].connectedPeers == [peer(1)] }
                await wait(for: swarms[1]) { await swarms[1].connectedPeers == [peer(0)] }
                let events = swarms[0].events()
                swarms[1].disconnect(peer(0))
                #expect(await events.first { $0 == .disconnected(peer(1)) } != nil)
                #expect(await events.first { $0 == .connected(peer(1)) } != nil)
            })
    }

    @Test("nodes that know only the first one find each other through it")
    func exchange() async throws {
        try await withSwarms(
            5,
            configure: { index, configuration in
                configuration.redialInterval = .milliseconds(20)
                if index > 0 { configuration.bootstrap = [address("/memory/1")] }
            },
            { swarms in
                for swarm in swarms {
                    await wait(for: swarm) { await swarm.connectedPeers.count == 4 }
                    #expect(await swarm.connectedPeers.count == 4)
                }
            })
    }

    @Test("streams above the limit of a protocol are reset, and the others go on")
    func streamLimit() async throws {
        try await withSwarms(2) { swarms in
            swarms[1].handle("/hold", perPeer: 3) { stream in
                while true {
                    let bytes = try await stream.read()
                    if bytes.isEmpty { return }
                    try await stream.write(bytes)
                }
            }
            _ = try await swarms[0].connect(to: address("/memory/2"))
            var held: [any MuxedStream] = []
            for _ in 0..<3 {
                let stream = try await swarms[0].open(["/hold"], to: peer(1))
                try await stream.write([1])
                #expect(try await stream.read() == [1])
                held.append(stream)
            }
            let extra = try await swarms[0].open(["/hold"], to: peer(1))
            await #expect(throws: TransportError.self) { _ = try await extra.read() }
            for stream in held {
                try await stream.write([2])
                #expect(try await stream.read() == [2])
            }
        }
    }

    @Test("garbage in place of an identification leaves the connection usable")
    func garbage() async throws {
        for bytes in [[], [0xff], [5, 1, 2], [0xff, 0xff, 0xff, 0xff, 0x0f], [3, 0x0a, 0x7f, 0x00]] as [[UInt8]] {
            try await withSwarms(2) { swarms in
                swarms[1].handle("/ipfs/id/1.0.0") { stream in try await stream.write(bytes) }
                let found = try await swarms[0].connect(to: address("/memory/2"))
                #expect(found == peer(1))
                let time = try await swarms[0].ping(peer(1))
                #expect(time > .zero)
            }
        }
    }

    @Test("a node that stops ends its connections and its events")
    func stop() async throws {
        let seen = try await withSwarms(2) { swarms in
            _ = try await swarms[0].connect(to: address("/memory/2"))
            return (swarms[0].events(), swarms[1].events())
        }
        var last: [SwarmEvent] = []
        for await event in seen.0 { last.append(event) }
        for await event in seen.1 { last.append(event) }
        #expect(last.allSatisfy { if case .connected = $0 { false } else { true } })
    }

    @Test("the same nodes talk over TCP with Noise")
    func tcp() async throws {
        var configuration = SwarmConfiguration()
        configuration.listen = [address("/ip4/127.0.0.1/tcp/0")]
        let server = SwarmService(key: key(1), configuration: configuration, logger: quiet)
        let client = SwarmService(key: key(2), configuration: SwarmConfiguration(), logger: quiet)
        server.serve("/echo", requestLimit: 1 << 20) { body, _ in body }
        let target = try #require(try await server.listen().first)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for swarm in [server, client] {
                group.addTask {
                    try await swarm.run()
                    return false
                }
            }
            group.addTask {
                let found = try await client.connect(to: target)
                #expect(found == peer(1))
                let body = [UInt8](repeating: 7, count: 1 << 20)
                let answer = try await client.request(
                    "/echo", body, to: peer(1), answerLimit: 1 << 20, deadline: .seconds(60))
                #expect(answer == body)
                return true
            }
            while let isDone = try await group.next(), !isDone {}
            group.cancelAll()
        }
    }
}
