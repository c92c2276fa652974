import Chain
import Keys
import Ledger
import Simulation
import Testing

@Suite("Chains in a simulated world")
struct NetworkTests {
    static func second(_ count: UInt64) -> UInt64 { count * 1_000_000_000 }

    private func world(
        _ validators: Int, followers: Int = 0, seed: UInt64, faults: VirtualNetwork.Faults = .none
    ) -> World<ChainNode> {
        let chain = TestChain(validators: validators, followers: followers, seed: seed)
        let nodes = (0..<validators + followers).map { ChainNode(chain, $0, isSigner: $0 < validators) }
        return World(seed: seed, nodes: nodes, faults: faults)
    }

    @Test("validators commit the same blocks, also one alone, and followers follow", arguments: [1, 2, 4, 7])
    func progress(validators: Int) throws {
        var world = world(validators, followers: 1, seed: 3)
        world.run(until: Self.second(6)) { _, _ in }
        #expect(world.problem == nil)
        for node in world.nodes {
            #expect(node.height >= 15, "node \(node.index) is at \(node.height)")
            #expect(node.logs.filter { $0.kind != .info } == [])
        }
    }

    @Test(
        "a loss of power at any write of any node loses nothing and signs nothing twice",
        arguments: 0..<10 as Range<UInt64>)
    func powerCuts(seed: UInt64) throws {
        var world = world(4, seed: seed)
        for turn in 1...20 as ClosedRange<UInt64> {
            let node = Int(world.dice.next(below: 4))
            world.nodes[node].disk.failPower(afterWrites: Int(world.dice.next(below: 30)))
            world.run(until: turn * 300_000_000) { _, _ in }
            #expect(world.problem == nil, "seed \(seed)")
        }
        let before = world.nodes.map(\.height).max() ?? 0
        for node in world.nodes { node.disk.failPower(afterWrites: 1_000_000) }
        world.run(until: Self.second(15)) { _, _ in }
        #expect(world.problem == nil, "seed \(seed)")
        for node in world.nodes {
            #expect(node.height > before + 10, "seed \(seed): node \(node.index) is at \(node.height), was \(before)")
        }
    }

    @Test(
        "lost, doubled and late messages, a silent validator, and a partition only delay",
        arguments: 0..<4 as Range<UInt64>)
    func badNetwork(seed: UInt64) throws {
        var faults = VirtualNetwork.Faults.none
        faults.loss = .percent(10)
        faults.duplication = .percent(10)
        faults.stray = .percent(5)
        var world = world(4, followers: 1, seed: seed, faults: faults)
        world.nodes[Int(seed % 4)].isSilent = true
        world.run(until: Self.second(6)) { _, _ in }
        world.network.partition([[0, 1], [2, 3, 4]])
        world.run(until: Self.second(9)) { _, _ in }
        world.nodes[Int(seed % 4)].isSilent = false
        world.network.partition([[0, 1, 2, 3, 4]])
        world.network.faults = .none
        let before = world.nodes.map(\.height).max() ?? 0
        world.run(until: Self.second(20)) { _, _ in }
        #expect(world.problem == nil)
        for node in world.nodes { #expect(node.height > before + 10, "node \(node.index)") }
    }

    @Test("a validator whose disk was lost signs nothing that contradicts what it signed before, and takes part again")
    func wipedDisk() throws {
        let chain = TestChain(validators: 4, seed: 8)
        var world = World(seed: 8, nodes: (0..<4).map { ChainNode(chain, $0) })
        world.run(until: Self.second(4)) { _, _ in }
        let old = world.nodes[2]
        #expect(old.height > 5)
        world.crash(2, downFor: .milliseconds(500))
        var fresh = ChainNode(chain, 2)
        fresh.signed = old.signed
        fresh.committed = old.committed
        world.nodes[2] = fresh
        world.run(until: Self.second(10)) { _, _ in }
        #expect(world.problem == nil)
        #expect(world.nodes[2].height > old.height + 10)
        let newest = world.nodes[2].signed.keys.map(\.height).max() ?? 0
        #expect(newest > old.height + 5, "it signs again")
    }
}
