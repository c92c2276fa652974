import Gossip
import Keys
import Simulation
import Wire

/// A node of a simulated gossip network: the machine that ships, links that lose whole RPCs, and, for some, bad intentions.
struct TownCrier: Participant {
    enum Character: Hashable, Sendable {
        case honest
        /// Subscribes, takes a place in everybody's mesh, and passes nothing on.
        case silent
        /// Sends rubbish all the time: forged messages, invalid ones under its own name, ids of messages that do not exist, grafts.
        case spamming
    }

    enum Timer: Hashable, Sendable { case heartbeat, publish, spam }

    static let topic = "news"
    /// What honest owners of the topic refuse.
    static let invalid = Array("invalid".utf8)

    let peers: [PeerID]
    let character: Character
    private(set) var machine: MeshMachine
    /// Nodes this one dialled; it has a link to those that dialled it, too.
    let dialled: [Int]
    let linked: [Int]
    /// When to publish, in milliseconds.
    let schedule: [Int64]
    private(set) var published: [[UInt8]] = []
    /// Of valid messages by others: how often each came to the owner of the topic.
    private(set) var delivered: [[UInt8]: Int] = [:]
    private(set) var bytesSent = 0
    /// The most verdicts awaited and ids remembered at once.
    private(set) var deepest = 0
    private let numbers: [PeerID: Int]
    private let key: SigningKey
    private var lies: UInt64 = 0

    init(
        _ index: Int, keys: [SigningKey], peers: [PeerID], numbers: [PeerID: Int], character: Character,
        dialled: [Int], linked: [Int], schedule: [Int64]
    ) {
        (self.peers, self.numbers, self.character) = (peers, numbers, character)
        (self.dialled, self.linked, self.schedule) = (dialled, linked, schedule)
        key = keys[index]
        machine = MeshMachine(key: key, parameters: GossipParameters(), sequence: 0, seed: UInt64(index))
    }

    mutating func start(_ context: inout Context<Timer>) {
        take(.join(Self.topic), &context)
        for other in linked {
            take(.connected(peers[other], .v1_2, isOutbound: dialled.contains(other), address: nil), &context)
        }
        context.schedule(.heartbeat, after: .milliseconds(Int64(context.dice.next(below: 1_000))))
        for moment in schedule { context.schedule(.publish, after: .milliseconds(moment)) }
        if character == .spamming { context.schedule(.spam, after: .milliseconds(500)) }
    }

    mutating func receive(_ message: [UInt8], from sender: Int, _ context: inout Context<Timer>) {
        guard let rpc = try? RPC(bytes: message) else { return take(.malformed(from: peers[sender]), &context) }
        take(.received(rpc, from: peers[sender]), &context)
    }

    mutating func fire(_ timer: Timer, _ context: inout Context<Timer>) {
        switch timer {
        case .heartbeat:
            take(.heartbeat, &context)
            context.schedule(.heartbeat, after: .seconds(1))
        case .publish:
            let data = Array("\(peers[context.node]) \(published.count)".utf8)
            published.append(data)
            take(.publish(data, topic: Self.topic), &context)
        case .spam:
            spam(&context)
            context.schedule(.spam, after: .milliseconds(200))
        }
    }

    mutating func crash(using dice: inout SeededGenerator) {}

    private mutating func take(_ input: MeshMachine.Input, _ context: inout Context<Timer>) {
        let now = Duration.nanoseconds(Int64(context.now))
        var inputs = [input]
        while let next = inputs.popLast() {
            for effect in machine.step(next, at: now) {
                switch effect {
                case .send(let rpc, let peer, _): send(rpc, to: peer, &context)
                case .validate(let message, _):
                    deepest = max(deepest, machine.awaitedVerdicts)
                    let isValid = message.data != Self.invalid
                    if isValid { delivered[message.data, default: 0] += 1 }
                    inputs.append(.verdict(message.id, isValid ? .accept : .reject))
                }
            }
        }
    }

    private mutating func send(_ rpc: RPC, to peer: PeerID, _ context: inout Context<Timer>) {
        var rpc = rpc
        if character != .honest {
            rpc.messages = []
            rpc.control.announcements = []
        }
        guard !rpc.isEmpty, let receiver = numbers[peer] else { return }
        let bytes = rpc.bytes
        bytesSent += bytes.count
        context.send(bytes, to: receiver)
    }

    /// To every neighbour: a forgery in another's name, an invalid message, promises of nothing, and a graft.
    private mutating func spam(_ context: inout Context<Timer>) {
        for other in linked {
            lies += 1
            var forged = SignedMessage.sign(Array("forged \(lies)".utf8), topic: Self.topic, sequence: lies, key: key)
            forged.from = peers[Int(context.dice.next(below: UInt64(peers.count)))].bytes
            var rpc = RPC()
            rpc.messages = [forged, SignedMessage.sign(Self.invalid, topic: Self.topic, sequence: lies, key: key)]
            rpc.control.announcements = [
                Control.Announcement(
                    topic: Self.topic, ids: (0..<20).map { _ in forged.from + context.dice.next().canonicalBytes })
            ]
            rpc.control.grafts = [Self.topic]
            context.send(rpc.bytes, to: other)
        }
    }
}
