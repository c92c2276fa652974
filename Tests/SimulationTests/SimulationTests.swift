import Keys
import Simulation
import Store
import Testing

@Suite("The simulated world")
struct SimulationTests {
    @Test("events come in the order of time, and those of one moment in the order they were put in")
    func queueOrder() {
        var dice = SeededGenerator(seed: 1 as UInt64)
        var queue = EventQueue<Int>()
        var expected: [(UInt64, Int)] = []
        for ticket in 0..<500 {
            let time = dice.next(below: 50)
            queue.push(ticket, at: time)
            expected.append((time, ticket))
        }
        expected.sort { $0 < $1 }
        for (time, ticket) in expected {
            let next = queue.pop()
            #expect(next?.time == time && next?.event == ticket)
        }
        #expect(queue.pop() == nil)
    }

    @Test(
        "a crash never takes what was synced under a synced name, and leaves a prefix of the rest",
        arguments: 0..<200 as Range<UInt64>)
    func diskKeepsSynced(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let disk = VirtualDisk(faults: VirtualDisk.Faults(loss: .percent(30), garbling: .never))
        try disk.createDirectory("log")
        try disk.append([1, 2, 3], to: "log/a")
        try disk.sync("log/a")
        try disk.syncDirectory("log")
        try disk.append([4, 5, 6, 7], to: "log/a")
        disk.crash(using: &dice)
        let left = try disk.readAll("log/a")
        #expect(left.count >= 3 && Array([1, 2, 3, 4, 5, 6, 7].prefix(left.count)) == left)
    }

    @Test(
        "a name that was not synced may be gone, and a replacement is the old content or the new, never a mixture",
        arguments: 0..<200 as Range<UInt64>)
    func diskReplacesAtomically(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let disk = VirtualDisk()
        try disk.createDirectory("d")
        try disk.replace("f", in: "d", with: [1, 1, 1])
        disk.failPower(afterWrites: Int(dice.next(below: 6)))
        let isDone = (try? disk.replace("f", in: "d", with: [2, 2, 2, 2])) != nil
        disk.crash(using: &dice)
        let left = try disk.readAll("d/f")
        #expect(left == [2, 2, 2, 2] || (left == [1, 1, 1] && !isDone))
    }

    @Test("without power every call fails until the crash")
    func diskWithoutPower() throws {
        var dice = SeededGenerator(seed: 5 as UInt64)
        let disk = VirtualDisk()
        disk.failPower(afterWrites: 0)
        #expect(throws: DiskError.self) { try disk.append([1], to: "x") }
        #expect(throws: DiskError.self) { _ = try disk.size(of: "x") }
        disk.crash(using: &dice)
        try disk.append([1], to: "x")
        #expect(try disk.readAll("x") == [1])
    }

    @Test("one flipped bit on demand is one flipped bit, and stays over a crash")
    func diskBitFlip() throws {
        var dice = SeededGenerator(seed: 6 as UInt64)
        let disk = VirtualDisk()
        try disk.append([0, 0], to: "x")
        try disk.sync("x")
        try disk.syncDirectory("")
        #expect(disk.flipBit(3, ofByte: 1, in: "x") && !disk.flipBit(0, ofByte: 2, in: "x"))
        disk.crash(using: &dice)
        #expect(try disk.readAll("x") == [0, 8])
    }

    /// Counts what it hears; says a number to all others four times a second.
    struct Counter: Participant {
        var heard: [Int] = []
        mutating func start(_ context: inout Context<Int>) { context.schedule(0, after: .milliseconds(250)) }
        mutating func receive(_ message: [UInt8], from sender: Int, _ context: inout Context<Int>) {
            heard.append(sender)
        }
        mutating func fire(_ timer: Int, _ context: inout Context<Int>) {
            context.broadcast([UInt8(truncatingIfNeeded: context.dice.next())])
            context.schedule(timer + 1, after: .milliseconds(250))
        }
        mutating func crash(using dice: inout SeededGenerator) { heard = [] }
    }

    private func world(_ seed: UInt64, _ faults: VirtualNetwork.Faults = .none) -> World<Counter> {
        World(seed: seed, nodes: (0..<3).map { _ in Counter() }, faults: faults)
    }

    @Test("a calm network delivers everything once; a lossy one less, a doubling one more; a cut link nothing, one way")
    func network() {
        var calm = world(1)
        calm.run(until: 10_100_000_000) { _, _ in }
        #expect(calm.nodes.allSatisfy { $0.heard.count == 80 })
        var lossy = world(1, VirtualNetwork.Faults(loss: .percent(50)))
        lossy.run(until: 10_100_000_000) { _, _ in }
        #expect(lossy.nodes.allSatisfy { $0.heard.count < 70 && $0.heard.count > 10 })
        var doubling = world(1, VirtualNetwork.Faults(duplication: .percent(50)))
        doubling.run(until: 10_100_000_000) { _, _ in }
        #expect(doubling.nodes.allSatisfy { $0.heard.count > 90 })
        var cut = world(1)
        cut.network.cut(from: 0, to: 1)
        cut.run(until: 10_100_000_000) { _, _ in }
        #expect(!cut.nodes[1].heard.contains(0) && cut.nodes[0].heard.contains(1))
        cut.network.heal()
        cut.run(until: 20_000_000_000) { _, _ in }
        #expect(cut.nodes[1].heard.contains(0))
    }

    @Test("partition: groups hear only themselves")
    func partition() {
        var world = world(2)
        world.network.partition([[0, 1], [2]])
        world.run(until: 5_000_000_000) { _, _ in }
        #expect(world.nodes[2].heard.isEmpty && Set(world.nodes[0].heard) == [1])
    }

    @Test("a crashed node loses memory and timers, and starts again")
    func crash() {
        var world = world(3)
        world.run(until: 2_000_000_000) { _, _ in }
        world.crash(0, downFor: .seconds(1))
        #expect(!world.isUp[0] && world.nodes[0].heard.isEmpty)
        world.run(until: 4_000_000_000) { _, _ in }
        #expect(world.isUp[0] && world.nodes[0].heard.count > 4 && world.nodes[0].heard.count < 24)
    }

    @Test("the same seed gives the same history, another seed another")
    func determinism() {
        func digest(_ seed: UInt64) -> Digest {
            var world = world(seed, VirtualNetwork.Faults(loss: .percent(20), duplication: .percent(20)))
            world.run(until: 5_000_000_000) { _, _ in }
            return world.traceDigest
        }
        #expect(digest(8) == digest(8) && digest(8) != digest(9))
    }

    @Test("the clock never goes back, and durations are whole nanoseconds")
    func clock() {
        var clock = VirtualClock()
        clock.advance(to: 7_000_000)
        clock.advance(to: 3)
        #expect(clock.now == 7_000_000 && clock.milliseconds == 7)
        #expect(Duration.milliseconds(3).nanoseconds == 3_000_000 && Duration.seconds(-1).nanoseconds == 0)
    }
}
