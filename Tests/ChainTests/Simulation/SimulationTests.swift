import Chain
import Consensus
import Keys
import Ledger
import Simulation
import Testing

/// Whole chains on simulated machines: lossy networks, partitions, crashes in the middle of writes, and liars.
@Suite("Simulation")
struct SimulationTests {
    typealias Character = SimulatedValidator.Character

    struct Result {
        var finding: String?
        var digest: Digest
        var heights: UInt64
        var transactions: Int
        var slashes: Int
        var crashes: Int
    }

    static let liars: [Character] = [.equivocating, .silent, .stale, .delaying]

    /// Five seconds of accidents from the first block on, then calm until every correct node is ahead by five blocks, or a minute
    /// has passed.
    /// - Parameter forgetful: in place of one liar a correct validator that loses its disk, and the memory of its signer, again and
    ///   again: such a one counts among the faulty.
    static func run(seed: UInt64, validators count: Int, forgetful: Bool = false) -> Result {
        let chain = TestChain(validators: count, seed: seed, stake: SimulatedValidator.stake)
        var characters = Array(repeating: Character.honest, count: count)
        for number in 0..<(count - 1) / 3 - (forgetful ? 1 : 0) {
            characters[(Int(seed) + 3 * number) % count] = liars[(Int(seed / 7) + number) % liars.count]
        }
        let nodes = (0..<count).map { SimulatedValidator(chain, $0, characters[$0]) }
        let faults = VirtualNetwork.Faults(
            minimumDelay: 500_000, meanJitter: 6_000_000, loss: .percent(UInt32(seed % 4) * 5),
            duplication: .percent(5),
            stray: .percent(3), strayDelay: 900_000_000)
        var world = World(seed: seed, nodes: nodes, repairTime: .milliseconds(900))
        var oracle = Oracle(characters, chain)
        var crashes = 0

        func advance(_ nanoseconds: UInt64) {
            let end = world.clock.now + nanoseconds
            while oracle.finding == nil, let next = world.nextTime, next <= end {
                if let node = world.step() { oracle.look(at: world.nodes[node]) }
            }
            world.run(until: end) { _, _ in }
        }

        let honest = characters.indices.filter { characters[$0] == .honest }
        let unlucky = forgetful ? honest[Int(seed / 3) % honest.count] : nil
        world.network.faults = faults
        for _ in 0..<25 where oracle.finding == nil {
            let node = Int(world.dice.next(below: UInt64(count)))
            switch world.dice.next(below: 10) {
            case 0, 1:
                world.nodes[node].disk.failPower(afterWrites: Int(world.dice.next(below: 25)))
                crashes += 1
            case 2:
                world.crash(node, downFor: .milliseconds(Int64(1 + world.dice.next(below: 1_500))))
                crashes += 1
            case 3:
                let cut = Int(1 + world.dice.next(below: UInt64(count - 1)))
                let order = Array(0..<count).shuffled(using: &world.dice)
                world.network.partition([Array(order[..<cut]), Array(order[cut...])])
            case 4: world.network.cut(from: node, to: (node + 1) % count)
            case 5, 6: world.network.heal()
            case 7, 8:
                guard let unlucky else { break }
                world.crash(unlucky, downFor: .milliseconds(Int64(1 + world.dice.next(below: 500))))
                world.nodes[unlucky].loseDisk()
                crashes += 1
            default: break
            }
            advance(200_000_000)
        }
        world.network.heal()
        world.network.faults = VirtualNetwork.Faults(minimumDelay: 500_000, meanJitter: 2_000_000)
        for node in world.nodes { node.disk.failPower(afterWrites: .max) }
        let goal = (honest.map { world.nodes[$0].height }.max() ?? 0) + 5
        let deadline = world.clock.now + 60_000_000_000
        while oracle.finding == nil, honest.contains(where: { world.nodes[$0].height < goal }) {
            advance(100_000_000)
            guard world.clock.now < deadline else {
                let heights = honest.map { index in
                    let machine = world.nodes[index].machine
                    let place = machine.map { "round \($0.consensus.round), step \($0.consensus.step)" } ?? "down"
                    return "\n  \(index) at \(world.nodes[index].height), \(place): "
                        + world.nodes[index].record.lines.joined(separator: " | ")
                }.joined()
                return Result(
                    finding: "no progress after the faults: goal \(goal), heights \(heights)",
                    digest: world.traceDigest,
                    heights: goal, transactions: oracle.transactions, slashes: oracle.slashes, crashes: crashes)
            }
        }
        oracle.reexecute()
        return Result(
            finding: oracle.finding, digest: world.traceDigest, heights: oracle.ids.keys.max() ?? 0,
            transactions: oracle.transactions, slashes: oracle.slashes, crashes: crashes)
    }

    private func judge(_ result: Result, _ seed: UInt64) {
        let replay = Seeds.replay(seed, of: "ChainTests.SimulationTests")
        #expect(result.finding == nil, "seed \(seed): \(result.finding ?? ""); \(replay)")
    }

    @Test(
        "four validators, one liar, crashes and partitions: no rule is ever broken, and the chain goes on",
        arguments: Seeds.chosen(from: 0..<150))
    func four(seed: UInt64) { judge(Self.run(seed: seed, validators: 4), seed) }

    @Test(
        "seven validators, two liars, crashes and partitions: no rule is ever broken, and the chain goes on",
        arguments: Seeds.chosen(from: 1_000..<1_050))
    func seven(seed: UInt64) { judge(Self.run(seed: seed, validators: 7), seed) }

    @Test(
        "a validator that loses its disk again and again, among liars, crashes and partitions: it never signs twice, and the chain goes on",
        arguments: Seeds.chosen(from: 2_000..<2_030))
    func forgetful(seed: UInt64) {
        judge(Self.run(seed: seed, validators: seed < 2_015 ? 4 : 7, forgetful: true), seed)
    }

    @Test("the same seed gives the same history, event by event; another seed another")
    func deterministic() {
        let one = Self.run(seed: 3, validators: 4)
        #expect(one.digest == Self.run(seed: 3, validators: 4).digest)
        #expect(one.digest != Self.run(seed: 4, validators: 4).digest)
    }

    @Test("the simulation does what it says: liars are slashed, nodes crash, transactions are paid")
    func coverage() {
        let clock = ContinuousClock()
        let begin = clock.now
        let results = [0, 28, 56, 84].map { Self.run(seed: $0 as UInt64, validators: 4) }
        let seconds = (clock.now - begin) / .seconds(1)
        let heights = results.reduce(0) { $0 + $1.heights }
        print("simulated chains of 4: \(heights) heights in \(seconds) s, \(Int(Double(heights) / seconds)) heights/s")
        #expect(results.contains { $0.slashes > 0 })
        #expect(results.contains { $0.crashes > 0 })
        #expect(results.allSatisfy { $0.heights >= 5 })
        #expect(results.reduce(0) { $0 + $1.transactions } > 20)
    }
}
