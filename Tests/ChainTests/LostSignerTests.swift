import Chain
import Consensus
import Keys
import Ledger
import Simulation
import Store
import Testing
import Wire

@Suite("A validator that does not know what its key signed")
struct LostSignerTests {
    private func world(_ nodes: [ChainNode], seed: UInt64) -> World<ChainNode> { World(seed: seed, nodes: nodes) }

    private func lastSigned(_ node: ChainNode) -> UInt64 { node.signed.keys.map(\.height).max() ?? 0 }

    @Test(
        "a validator whose disk was lost at any moment contradicts nothing it signed before, and takes part again",
        arguments: 0..<6 as Range<UInt64>)
    func lostDisk(seed: UInt64) throws {
        let chain = TestChain(validators: 4, seed: seed)
        var world = world((0..<4).map { ChainNode(chain, $0) }, seed: seed)
        // The first seeds lose it during the first block.
        let moment = seed < 3 ? 4_000_000 * (1 + seed) : 150_000_000 * seed + world.dice.next(below: 200_000_000)
        world.run(until: moment) { _, _ in }
        for _ in 0..<3 {
            world.crash(2, downFor: .milliseconds(Int64(1 + world.dice.next(below: 100))))
            world.nodes[2].loseDisk()
            let pause = world.dice.next(below: 800_000_000)
            world.run(until: world.clock.now + pause) { _, _ in }
            #expect(world.problem == nil)
        }
        let height = world.nodes[0].height
        world.run(until: world.clock.now + NetworkTests.second(4)) { _, _ in }
        #expect(world.problem == nil)
        #expect(world.nodes[2].height > height + 10)
        #expect(lastSigned(world.nodes[2]) > height + 5, "it signs again")
    }

    @Test(
        "with as many silent ones as a chain can bear it waits rather than sign twice, and goes on as soon as one speaks"
    )
    func lostDiskAmongSilent() throws {
        let chain = TestChain(validators: 4, seed: 8)
        var world = world((0..<4).map { ChainNode(chain, $0) }, seed: 8)
        world.run(until: NetworkTests.second(4)) { _, _ in }
        world.nodes[0].isSilent = true
        world.run(until: NetworkTests.second(5)) { _, _ in }
        world.crash(2, downFor: .milliseconds(100))
        world.nodes[2].loseDisk()
        let signed = lastSigned(world.nodes[2])
        world.run(until: NetworkTests.second(30)) { _, _ in }
        #expect(world.problem == nil)
        #expect(lastSigned(world.nodes[2]) == signed)
        #expect(world.nodes[1].height <= signed)
        world.nodes[0].isSilent = false
        world.run(until: NetworkTests.second(40)) { _, _ in }
        #expect(world.problem == nil)
        #expect(lastSigned(world.nodes[2]) > signed + 10)
    }

    @Test(
        "silent validators, as many as a chain can bear, stop neither its beginning nor a late beginner",
        arguments: [4, 7])
    func silentFromTheBeginning(validators: Int) throws {
        let chain = TestChain(validators: validators, seed: 5)
        var nodes = (0..<validators).map { ChainNode(chain, $0) }
        for liar in 0..<(validators - 1) / 3 { nodes[liar].isSilent = true }
        var world = world(nodes, seed: 5)
        world.crash(validators - 1, downFor: .seconds(3))
        world.run(until: NetworkTests.second(12)) { _, _ in }
        #expect(world.problem == nil)
        for node in world.nodes { #expect(node.height > 15, "node \(node.index) is at \(node.height)") }
        #expect(lastSigned(world.nodes[validators - 1]) > 15)
    }

    @Test(
        "a newcomer with two thirds of the power does not stop a chain of one: its key is new, or it asked before it had power",
        arguments: [false, true])
    func strongNewcomer(hasOldKey: Bool) throws {
        let chain = TestChain(validators: 1, followers: 1, seed: 6)
        var world = world([ChainNode(chain, 0), ChainNode(chain, 1, hasOldKey: hasOldKey)], seed: 6)
        func send(_ operation: Operation, _ key: SigningKey, to node: Int) {
            world.nodes[node].wishes.append(
                Transaction.sign(
                    operation, chain: chain.genesis.digest, sender: AccountID(key.publicKey), nonce: 1,
                    fee: Amount(seeds: 1_000), with: key))
        }
        world.run(until: NetworkTests.second(2)) { _, _ in }
        send(.transfer(to: chain.members[1].account, amount: Amount(fig: 3_000)!), chain.rich, to: 0)
        world.run(until: NetworkTests.second(4)) { _, _ in }
        send(.stake(Amount(fig: 2_000)!), chain.members[1].root, to: 1)
        world.run(until: NetworkTests.second(7)) { _, _ in }
        let height = world.nodes[0].height
        #expect(world.nodes[0].machine?.head.validators.power(of: chain.members[1].account) == 2_000)
        world.run(until: NetworkTests.second(12)) { _, _ in }
        #expect(world.problem == nil)
        #expect(world.nodes[0].height > height + 10)
        #expect(lastSigned(world.nodes[1]) > height + 5)
    }

    @Test("alone and without memory it waits for its operator's word, and then goes on")
    func operatorsWord() throws {
        let chain = TestChain(validators: 1, seed: 7)
        var silent = world([ChainNode(chain, 0, hasOldKey: true)], seed: 7)
        silent.run(until: NetworkTests.second(5)) { _, _ in }
        #expect(silent.nodes[0].height == 0)
        #expect(silent.nodes[0].logs.contains { $0.text.contains("--signed-through") })
        var configuration = ChainConfiguration.simulated
        configuration.signedThrough = 0
        var vouched = world([ChainNode(chain, 0, hasOldKey: true, configuration: configuration)], seed: 7)
        vouched.run(until: NetworkTests.second(5)) { _, _ in }
        #expect(vouched.nodes[0].height > 10)
    }

    /// A machine of member 0 that begins with `journal`, and what it says until it gave up its first block.
    private func machine(_ chain: TestChain, journal: [[UInt8]]) throws -> ValidatorMachine {
        var machine = ValidatorMachine(
            head: try ChainState(genesis: chain.genesis), last: nil, provenState: nil,
            account: chain.members[0].account,
            key: chain.members[0].node, configuration: .simulated)
        try machine.restore(journal: journal)
        return machine
    }

    /// What `recordNewKey` writes for a key.
    private func newKey(_ key: PublicKey) throws -> [[UInt8]] {
        let disk = VirtualDisk()
        try ChainStorage.recordNewKey(key, on: disk)
        return try Journal.open(on: disk, directory: "journal").records().map(\.payload)
    }

    private func published(_ effects: [ValidatorMachine.Effect]) -> Bool {
        effects.contains { if case .publish = $0 { true } else { false } }
    }

    @Test("the memory of one key says nothing about another")
    func otherKey() throws {
        let chain = TestChain(validators: 1)
        var own = try machine(chain, journal: try newKey(chain.members[0].node.publicKey))
        #expect(published(own.step(.start, at: TestChain.epoch + 1_000)))
        var foreign = try machine(chain, journal: try newKey(chain.rich.publicKey))
        #expect(!published(foreign.step(.start, at: TestChain.epoch + 1_000)))
        var none = try machine(chain, journal: [])
        #expect(!published(none.step(.start, at: TestChain.epoch + 1_000)))
    }

    @Test("a block with a vote of its key that its journal does not know silences a node, also after a restart")
    func oldCopy() throws {
        let chain = TestChain(validators: 4)
        let genesis = try ChainState(genesis: chain.genesis)
        let (first, _) = chain.next(on: genesis, last: nil)
        var journal = try newKey(chain.members[0].node.publicKey)
        var old = try machine(chain, journal: journal)
        let now = TestChain.epoch + 1_000
        _ = old.step(.start, at: now)
        _ = old.step(.peers([chain.members[1].peer]), at: now)
        func tickets(_ effects: [ValidatorMachine.Effect]) -> [UInt64] {
            effects.compactMap { if case .request(_, _, let ticket) = $0 { ticket } else { nil } }
        }
        let asked = tickets(old.step(.timer(.sync), at: now))
        let told = SyncAnswer.status(base: 1, head: 1).canonicalBytes
        let wanted = tickets(old.step(.syncAnswer(ticket: try #require(asked.first), told), at: now))
        let effects = old.step(
            .syncAnswer(ticket: try #require(wanted.first), SyncAnswer.blocks([first]).canonicalBytes), at: now)
        #expect(old.head.height == 1)
        #expect(effects.contains { if case .log(let line) = $0 { line.kind == .ownKeyAbused } else { false } })
        for case .journal(let record) in effects { journal.append(record) }
        for var node in [old, try machine(chain, journal: journal)] {
            for time in [now + 1_000, now + 60_000] {
                #expect(!published(node.step(.start, at: time)))
                #expect(!published(node.step(.timer(.begin(node.head.height + 1)), at: time)))
            }
        }
    }
}
