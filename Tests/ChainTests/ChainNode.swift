import Chain
import Consensus
import Keys
import Ledger
import Simulation
import Store
import Wire

/// One node of a simulated chain: the machine and the storage that ship, on a simulated disk and network.
struct ChainNode: Participant {
    enum Timer: Hashable, Sendable { case chain(ChainTimer) }

    let chain: TestChain
    let index: Int
    let isSigner: Bool
    private(set) var disk: VirtualDisk
    let configuration: ChainConfiguration
    /// Whether the node's key exists: it outlives the disk in ``loseDisk()``, as a copy of it would.
    private var hasKey: Bool
    /// Off: every message of this node is dropped (a silent liar).
    var isSilent = false

    /// Transactions of its user, handed over with the next sync timer.
    var wishes: [Transaction] = []

    var machine: ValidatorMachine?
    var storage: ChainStorage?
    var logs: [ChainLog] = []
    var halted: String?
    /// Everything this node ever sent that is signed by it, to look for contradictions.
    var signed: [SignerPlace: Set<[UInt8]>] = [:]
    var committed: [UInt64: Digest] = [:]
    private var rejected = 0

    struct SignerPlace: Hashable, Sendable {
        let height: UInt64
        let round: UInt32
        let step: UInt8
    }

    init(
        _ chain: TestChain, _ index: Int, isSigner: Bool = true, hasOldKey: Bool = false,
        configuration: ChainConfiguration = .simulated
    ) {
        self.chain = chain
        self.index = index
        self.isSigner = isSigner
        disk = VirtualDisk()
        hasKey = hasOldKey
        self.configuration = configuration
    }

    var height: UInt64 { machine?.head.height ?? 0 }

    mutating func start(_ context: inout Context<Timer>) throws {
        let member = chain.members[index]
        if !hasKey { try ChainStorage.recordNewKey(member.node.publicKey, on: disk) }
        hasKey = true
        var storage = try ChainStorage(on: disk)
        machine = try storage.restore(
            genesis: chain.genesis, account: isSigner ? member.account : nil, key: isSigner ? member.node : nil,
            configuration: configuration)
        self.storage = storage
        try input(.start, &context)
    }

    mutating func receive(_ message: [UInt8], from sender: Int, _ context: inout Context<Timer>) throws {
        let peer = chain.members[sender].peer
        let body = Array(message.dropFirst(9))
        let ticket = message.dropFirst().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        switch message[0] {
        case 0: try input(.message(body, on: .consensus, from: peer), &context)
        case 1: try input(.message(body, on: .transactions, from: peer), &context)
        case 2:
            guard let genesis = machine?.head.genesis, let answer = storage?.answer(body, genesis: genesis) else {
                return
            }
            send(3, ticket, answer, to: sender, &context)
        default: try input(.syncAnswer(ticket: ticket, body), &context)
        }
    }

    mutating func fire(_ timer: Timer, _ context: inout Context<Timer>) throws {
        guard case .chain(let timer) = timer else { return }
        if timer == .sync {
            let peers = chain.members.indices.filter { $0 != index && $0 < context.count }.map {
                chain.members[$0].peer
            }
            try input(.peers(peers), &context)
            for wish in wishes { try input(.submit(wish), &context) }
            wishes = []
        }
        try input(.timer(timer), &context)
    }

    mutating func crash(using dice: inout SeededGenerator) {
        machine = nil
        storage = nil
        disk.crash(using: &dice)
    }

    /// The machine is replaced; all that is left of it is a copy of its keys. Call it while the node is down.
    mutating func loseDisk() { disk = VirtualDisk() }

    mutating func input(_ input: ValidatorMachine.Input, _ context: inout Context<Timer>) throws {
        guard var machine else { return }
        let effects = machine.step(input, at: TestChain.epoch + context.now / 1_000_000)
        self.machine = machine
        for effect in effects {
            if try storage?.perform(effect) ?? true { continue }
            switch effect {
            case .publish(let bytes, let topic):
                note(bytes)
                for receiver in 0..<context.count where receiver != index {
                    send(topic == .consensus ? 0 : 1, 0, bytes, to: receiver, &context)
                }
            case .request(let bytes, let peer, let ticket):
                if let receiver = chain.members.firstIndex(where: { $0.peer == peer }) {
                    send(2, ticket, bytes, to: receiver, &context)
                }
            case .schedule(let timer, let delay): context.schedule(.chain(timer), after: .milliseconds(delay))
            case .committed(let events): committed[events.height] = events.blockID
            case .log(let line): if logs.count < 1_000 { logs.append(line) }
            case .halt(let reason): halted = reason
            case .verdict(.reject): rejected += 1
            default: break
            }
        }
    }

    private mutating func send(
        _ kind: UInt8, _ ticket: UInt64, _ body: [UInt8], to receiver: Int, _ context: inout Context<Timer>
    ) {
        guard !isSilent else { return }
        context.send([kind] + ticket.canonicalBytes + body, to: receiver)
    }

    private mutating func note(_ bytes: [UInt8]) {
        guard let message = try? ChainMessage(canonicalBytes: bytes) else { return }
        switch message.content {
        case .vote(let vote) where vote.vote.voter == chain.members[index].account:
            let place = SignerPlace(height: vote.vote.height, round: vote.vote.round, step: vote.vote.kind.rawValue)
            signed[place, default: []].insert(vote.vote.canonicalBytes)
        case .proposal(let signed, _) where signed.proposal.proposer == chain.members[index].account:
            let place = SignerPlace(height: signed.proposal.height, round: signed.proposal.round, step: 0)
            self.signed[place, default: []].insert(signed.proposal.canonicalBytes)
        default: break
        }
    }
}

extension ChainConfiguration {
    /// Short times, many snapshots, and a journal that is begun anew often.
    static let simulated = ChainConfiguration(
        minimumInterval: 20, emptyBlockInterval: 200, syncInterval: 200, syncDeadline: 1_000, snapshotInterval: 3,
        journalLimit: 20_000)
}

extension World where Node == ChainNode {
    /// Panics with words when something that must never happen did.
    var problem: String? {
        for node in nodes {
            if let reason = node.halted { return "node \(node.index) halted: \(reason)" }
            if let place = node.signed.first(where: { $0.value.count > 1 })?.key {
                return "node \(node.index) signed twice at \(place)"
            }
        }
        var blocks: [UInt64: Digest] = [:]
        for node in nodes {
            for (height, id) in node.committed {
                if let other = blocks[height], other != id { return "two blocks at height \(height)" }
                blocks[height] = id
            }
        }
        return nil
    }
}
