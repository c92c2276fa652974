import Gossip
import Keys
import Simulation
import Testing

/// Whole gossip networks in a seeded world.
@Suite("A network that gossips")
struct NetworkSimulationTests {
    struct Outcome {
        /// Of all (message, honest node) pairs, the part that was delivered.
        var delivery = 0.0
        /// Copies received per message delivered.
        var duplicates = 0.0
        var twice = 0
        var deepest = 0
        /// Sent by honest nodes, per byte of content delivered.
        var overhead = 0.0
        /// Places in honest nodes' meshes that spammers hold at the end.
        var spammersInMeshes = 0
    }

    /// Honest nodes publish `messages` in all during 20 s, from the third second on; 15 s later everybody is asked.
    /// Each node dials ten others by lot.
    static func run(nodes count: Int, messages: Int, adversaries: Int, loss: UInt32, seed: UInt64) -> Outcome {
        var dice = SeededGenerator(seed: seed)
        let keys = (0..<count).map { _ in
            SigningKey(seed: (0..<32).map { _ in UInt8(truncatingIfNeeded: dice.next()) })!
        }
        let peers = keys.map(\.peer)
        let numbers = Dictionary(uniqueKeysWithValues: peers.enumerated().map { ($1, $0) })
        let bad = Set((0..<count).shuffled(using: &dice).prefix(adversaries))
        let dialled = (0..<count).map { node in
            Array((0..<count).filter { $0 != node }.shuffled(using: &dice).prefix(10))
        }
        var linked = dialled.map(Set.init)
        for node in 0..<count { for other in dialled[node] { linked[other].insert(node) } }
        var schedules = Array(repeating: [Int64](), count: count)
        let honest = (0..<count).filter { !bad.contains($0) }
        for _ in 0..<messages {
            schedules[honest[Int(dice.next(below: UInt64(honest.count)))]].append(
                3_000 + Int64(dice.next(below: 20_000)))
        }
        let nodes = (0..<count).map { node in
            TownCrier(
                node, keys: keys, peers: peers, numbers: numbers,
                character: !bad.contains(node) ? .honest : node.isMultiple(of: 2) ? .silent : .spamming,
                dialled: dialled[node], linked: linked[node].sorted(), schedule: schedules[node])
        }
        var faults = VirtualNetwork.Faults(minimumDelay: 5_000_000, meanJitter: 40_000_000)
        faults.loss = .percent(loss)
        var world = World(seed: seed, nodes: nodes, faults: faults)
        world.run(until: 38_000_000_000) { _, _ in }

        var outcome = Outcome()
        let published = Set(honest.flatMap { world.nodes[$0].published })
        var delivered = 0
        var duplicates: UInt64 = 0
        var content = 0
        for node in honest {
            let crier = world.nodes[node]
            let foreign = crier.delivered.filter { published.contains($0.key) }
            delivered += foreign.count
            content += foreign.keys.reduce(0) { $0 + $1.count }
            outcome.twice += crier.delivered.values.count { $0 > 1 }
            outcome.deepest = max(outcome.deepest, crier.deepest)
            duplicates += crier.machine.counters.duplicates
            outcome.overhead += Double(crier.bytesSent)
            outcome.spammersInMeshes += crier.machine.meshPeers(TownCrier.topic).count {
                world.nodes[numbers[$0]!].character == .spamming
            }
        }
        outcome.delivery = Double(delivered) / Double(published.count * (honest.count - 1))
        outcome.duplicates = Double(duplicates) / Double(max(delivered, 1))
        outcome.overhead /= Double(max(content, 1))
        return outcome
    }

    @Test(
        "200 nodes, a fifth of them silent or spamming, a tenth of all packets lost: 99 % of all messages arrive, once, at a bounded price"
    )
    func hostile() {
        let outcome = Self.run(nodes: 200, messages: 50, adversaries: 40, loss: 10, seed: 1)
        print("gossip of 200 nodes: \(outcome)")
        #expect(outcome.delivery >= 0.99)
        #expect(outcome.duplicates <= 8)
        #expect(outcome.twice == 0)
        #expect(outcome.spammersInMeshes == 0)
    }

    @Test("among honest nodes without loss every message arrives everywhere", arguments: [2, 3] as [UInt64])
    func calm(seed: UInt64) {
        let outcome = Self.run(nodes: 60, messages: 30, adversaries: 0, loss: 0, seed: seed)
        #expect(outcome.delivery == 1)
        #expect(outcome.twice == 0)
    }
}
