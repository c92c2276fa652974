package import Keys
internal import Wire

/// A seeded world of nodes, a clock, a network and accidents. The same seed gives the same history, event by event.
///
/// Nodes crash when the world says so (``crash(_:downFor:)``) or when they throw, which is how a disk without power
/// stops a node in the middle of its work; what it had sent by then is sent.
package struct World<Node: Participant>: Sendable {
    enum Event: Sendable {
        case start(Int)
        case message([UInt8], from: Int, to: Int)
        case timer(Node.Timer, of: Int, life: Int)
    }

    package private(set) var clock = VirtualClock()
    package var network: VirtualNetwork
    package var nodes: [Node]
    /// For the driver's own draws (when to crash whom), apart from those of network and nodes.
    package var dice: SeededGenerator
    package private(set) var isUp: [Bool]
    /// How many events were handled.
    package private(set) var events = 0

    private var queue = EventQueue<Event>()
    private var networkDice: SeededGenerator
    private var nodeDice: [SeededGenerator]
    /// Which life of a node a timer belongs to.
    private var lives: [Int]
    private var trace = SHA256()
    /// How long a node that died by itself stays down, in nanoseconds, at most.
    private let repairTime: UInt64

    package init(
        seed: UInt64, nodes: [Node], faults: VirtualNetwork.Faults = .none, repairTime: Duration = .seconds(2)
    ) {
        func generator(_ name: String, _ index: Int) -> SeededGenerator {
            var writer = ByteWriter()
            writer.write(seed)
            writer.write(name)
            writer.write(UInt64(index))
            return SeededGenerator(seed: Digest(of: writer.bytes, domain: "simulation"))
        }
        self.nodes = nodes
        network = VirtualNetwork(count: nodes.count, faults: faults)
        dice = generator("driver", 0)
        networkDice = generator("network", 0)
        nodeDice = nodes.indices.map { generator("node", $0) }
        lives = nodes.map { _ in 0 }
        isUp = nodes.map { _ in false }
        self.repairTime = repairTime.nanoseconds
        for node in nodes.indices { queue.push(.start(node), at: 0) }
    }

    /// The time of the next event; nil when nothing will ever happen again.
    package var nextTime: UInt64? { queue.nextTime }

    /// A digest of all that happened: equal histories, equal digests.
    package var traceDigest: Digest {
        var copy = trace
        copy.update([])
        return copy.finish()
    }

    /// Handles one event.
    /// - Returns: the node that acted; nil when the event was for a node that is down, or there is none left.
    @discardableResult
    package mutating func step() -> Int? {
        guard let (time, event) = queue.pop() else { return nil }
        clock.advance(to: time)
        events += 1
        switch event {
        case .start(let node):
            guard !isUp[node] else { return nil }
            record(1, node, [])
            isUp[node] = true
            act(node) { try $0.start(&$1) }
            return node
        case .message(let bytes, let sender, let receiver):
            guard isUp[receiver] else { return nil }
            record(2, receiver, bytes)
            act(receiver) { try $0.receive(bytes, from: sender, &$1) }
            return receiver
        case .timer(let timer, let node, let life):
            guard isUp[node], lives[node] == life else { return nil }
            record(3, node, [])
            act(node) { try $0.fire(timer, &$1) }
            return node
        }
    }

    /// Handles all events up to `moment` (nanoseconds), and `check`s after each one that a node acted on.
    package mutating func run(until moment: UInt64, check: (borrowing World, Int) throws -> Void) rethrows {
        while let next = queue.nextTime, next <= moment {
            if let node = step() { try check(self, node) }
        }
        clock.advance(to: moment)
    }

    /// Turns a node off; it starts again after `pause`.
    package mutating func crash(_ node: Int, downFor pause: Duration) {
        guard isUp[node] else { return }
        die(node, downFor: pause.nanoseconds)
    }

    private mutating func die(_ node: Int, downFor pause: UInt64) {
        record(4, node, [])
        isUp[node] = false
        lives[node] += 1
        nodes[node].crash(using: &dice)
        queue.push(.start(node), at: clock.now &+ pause)
    }

    private mutating func act(_ node: Int, _ body: (inout Node, inout Context<Node.Timer>) throws -> Void) {
        var context = Context<Node.Timer>(node: node, count: nodes.count, now: clock.now, dice: nodeDice[node])
        var isAlive = true
        do { try body(&nodes[node], &context) } catch { isAlive = false }
        nodeDice[node] = context.dice
        for action in context.actions {
            switch action {
            case .send(let bytes, let receiver):
                guard receiver != node else {
                    queue.push(.message(bytes, from: node, to: node), at: clock.now)
                    continue
                }
                for delay in network.delays(from: node, to: receiver, using: &networkDice) {
                    queue.push(.message(bytes, from: node, to: receiver), at: clock.now &+ delay)
                }
            case .schedule(let timer, let delay):
                queue.push(.timer(timer, of: node, life: lives[node]), at: clock.now &+ delay)
            }
        }
        if !isAlive { die(node, downFor: 1 + dice.next(below: max(1, repairTime))) }
    }

    private mutating func record(_ kind: UInt8, _ node: Int, _ bytes: [UInt8]) {
        var writer = ByteWriter(capacity: 24)
        writer.write(kind)
        writer.write(clock.now)
        writer.write(UInt32(truncatingIfNeeded: node))
        writer.writeVarint(UInt64(bytes.count))
        trace.update(writer.bytes)
        trace.update(bytes)
    }
}
