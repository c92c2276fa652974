import Gossip
import Keys
import ServiceLifecycle
import Swarm
import Synchronization
import Testing
import Transport
import Wire

@Suite(.timeLimit(.minutes(2))) struct GossipServiceTests {
    /// Listens at `/memory/index + 1` and connects to nobody by itself.
    private func node(
        _ index: UInt64, on network: MemoryNetwork, _ parameters: GossipParameters = GossipParameters()
    ) -> (swarm: SwarmService, gossip: GossipService) {
        var configuration = SwarmConfiguration()
        configuration.exchangesPeers = false
        configuration.wantedPeers = 0
        configuration.listen = [Multiaddress("/memory/\(index + 1)")!]
        let swarm = SwarmService(key: key(index), configuration: configuration, logger: quiet) {
            MemoryTransport(key: key(index), network: network, delegate: $0, logger: quiet)
        }
        return (swarm, GossipService(swarm: swarm, key: key(index), parameters: parameters, logger: quiet, seed: index))
    }

    @Test("a message reaches every node of a line once, validated by each, and a rejected one goes no further")
    func line() async throws {
        let network = MemoryNetwork()
        var parameters = GossipParameters()
        parameters.heartbeat = .milliseconds(50)
        let nodes = (0..<4 as Range<UInt64>).map { node($0, on: network, parameters) }
        let (seen, inbox) = AsyncStream.makeStream(of: (Int, [UInt8]).self)
        for (index, node) in nodes.enumerated() {
            try await node.swarm.listen()
            await node.gossip.join("t") { message, _ in
                inbox.yield((index, message.data))
                return message.data == [66] && index == 2 ? .reject : .accept
            }
        }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for node in nodes {
                group.addTask {
                    try await node.swarm.run()
                    return false
                }
                group.addTask {
                    try await node.gossip.run()
                    return false
                }
            }
            group.addTask {
                for index in 0..<3 {
                    let next = try #require(Multiaddress("/memory/\(index + 2)"))
                    _ = try await nodes[index].swarm.connect(to: next)
                }
                // Whole once both ends of the line have a mesh.
                for index in 0..<4 {
                    while await nodes[index].gossip.topicPeers("t").count < (index == 0 || index == 3 ? 1 : 2) {
                        await Task.yield()
                    }
                    while await nodes[index].gossip.meshPeers("t").isEmpty { await Task.yield() }
                }
                try await nodes[0].gossip.publish([66], on: "t")
                try await nodes[0].gossip.publish([7], on: "t")
                var got: [Int: [[UInt8]]] = [:]
                for await (index, data) in seen {
                    got[index, default: []].append(data)
                    if index == 3 { break }
                }
                #expect(got[1] == [[66], [7]])
                #expect(got[2] == [[66], [7]])
                #expect(got[3] == [[7]])
                #expect(got[0] == nil)
                return true
            }
            while let isDone = try await group.next(), !isDone {}
            group.cancelAll()
        }
    }

    @Test("a node that leaves waits for its peers to read the rest, and takes in nobody meanwhile")
    func leavesInPeace() async throws {
        let network = MemoryNetwork()
        var parameters = GossipParameters()
        parameters.lastWords = .seconds(100)  // It ends when its peer lets it go.
        parameters.heartbeat = .milliseconds(1)
        let leaver = node(0, on: network, parameters)
        try await leaver.swarm.listen()
        await leaver.gossip.join("t") { _, _ in .accept }
        let leaving = ServiceGroup(services: [leaver.swarm, leaver.gossip], logger: quiet)
        // Two who speak gossip by hand: one hears the last words and holds them, the other comes too late.
        let (listener, latecomer) = (node(1, on: network).swarm, node(2, on: network).swarm)
        let (ends, ended) = AsyncStream.makeStream(of: Void.self)
        let (releases, release) = AsyncStream.makeStream(of: Void.self)
        let called = Atomic<Int>(0)
        listener.handle("/meshsub/1.2.0") { stream in
            while try await !stream.read().isEmpty {}
            ended.yield()
            for await _ in releases {}
        }
        latecomer.handle("/meshsub/1.2.0") { _ in called.add(1, ordering: .sequentiallyConsistent) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for swarm in [listener, latecomer] { group.addTask { try await swarm.run() } }
            let address = try #require(Multiaddress("/memory/1"))
            let left = Task { try await leaving.run() }
            _ = try await listener.connect(to: address)
            let hello = try await listener.open(["/meshsub/1.2.0"], to: peer(0), deadline: .seconds(60))
            try await hello.writeFrame(RPC.subscribing("t").bytes)
            while await leaver.gossip.topicPeers("t") != [peer(1)] { await Task.yield() }
            await leaving.triggerGracefulShutdown()
            for await _ in ends { break }

            _ = try await latecomer.connect(to: address)
            let late = try await latecomer.open(["/meshsub/1.2.0"], to: peer(0), deadline: .seconds(60))
            try await late.writeFrame(RPC.subscribing("t").bytes)
            try await late.closeWrite()
            while try await !late.read().isEmpty {}  // It has been heard.
            #expect(await leaver.gossip.topicPeers("t") == [peer(1)])
            release.finish()
            try await left.value
            #expect(called.load(ordering: .sequentiallyConsistent) == 0)
            group.cancelAll()
        }
    }

    @Test("what a node publishes before it leaves is heard to the last word")
    func lastWords() async throws {
        let network = MemoryNetwork()
        let (heard, inbox) = AsyncStream.makeStream(of: [UInt8].self)
        let listener = node(0, on: network)
        try await listener.swarm.listen()
        await listener.gossip.join("t") { message, _ in
            inbox.yield(message.data)
            return .accept
        }
        let staying = ServiceGroup(services: [listener.swarm, listener.gossip], logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await staying.run() }
            var words = heard.makeAsyncIterator()
            for index in 1...20 as ClosedRange<UInt64> {
                let leaver = node(index, on: network)
                try await leaver.swarm.listen()
                let leaving = ServiceGroup(services: [leaver.swarm, leaver.gossip], logger: quiet)
                group.addTask { try await leaving.run() }
                _ = try await leaver.swarm.connect(to: try #require(Multiaddress("/memory/1")))
                while await leaver.gossip.topicPeers("t").isEmpty {
                    try Task.checkCancellation()
                    await Task.yield()
                }
                // More than a stream takes at once.
                let speech = (0..<8 as Range<UInt8>).map { [UInt8(index), $0] + [UInt8](repeating: 0, count: 60_000) }
                for word in speech { try await leaver.gossip.publish(word, on: "t") }
                await leaving.triggerGracefulShutdown()
                for word in speech { #expect(await words.next() == word) }
            }
            await staying.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }
}
