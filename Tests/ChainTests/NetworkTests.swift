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

    @Test("the journal of a node that only follows does not grow for ever")
    func journalOfFollower() throws {
        var world = world(1, followers: 1, seed: 4)
        world.run(until: Self.second(30)) { _, _ in }
        #expect(world.nodes[1].height > 60)
        for node in world.nodes {
            let files = try node.disk.list("journal")
            let size = try files.reduce(0) { try $0 + (node.disk.size(of: "journal/" + $1) ?? 0) }
            // The limit, and what is heard at one height.
            #expect(size < 40_000, "node \(node.index): \(files.count) files of \(size) bytes")
        }
    }
}
