import Chain
import Consensus
import Keys
import Ledger
import Simulation
import Store
import Wire

/// A validator of the whole-chain simulation: the machine and storage that ship, on a simulated disk and network; and, when
/// its character says so, a liar that uses the same machine to know what to lie about.
struct SimulatedValidator: Participant {
    enum Character: String, Hashable, Sendable {
        case honest
        /// Two proposals in its turns, sometimes one that is invalid, and different votes to different nodes.
        case equivocating
        /// Hears and stores, and says nothing.
        case silent
        /// Sends old messages again, to some, for ever; and answers block sync with old answers.
        case stale
        /// Says everything late.
        case delaying
    }

    enum Timer: Hashable, Sendable {
        case chain(ChainTimer)
        case pay
        case mischief
        case late(Int)
    }

    /// What the oracles look at; it is no part of the node and survives its crashes.
    struct Record: Sendable {
        struct Step: Sendable {
            let block: Block?
            let height: UInt64
            let id: Digest
            let root: Digest
            let supply: Supply
            let events: [LedgerEvent]
        }
        var steps: [Step] = []
        var signed: [Place: [UInt8]] = [:]
        var contradictions: [Place] = []
        var halts: [String] = []
        var starts = 0
        var failures: [String] = []
        /// The last lines it logged.
        var lines: [String] = []
    }

    struct Place: Hashable, Sendable {
        let height: UInt64
        let round: UInt32
        let step: UInt8
    }

    let chain: TestChain
    let index: Int
    let character: Character
    private(set) var disk: VirtualDisk
    private var hasKey = false
    var machine: ValidatorMachine?
    var storage: ChainStorage?
    var record = Record()
    /// Bounded memory of a liar: messages it heard or made, and answers it gave.
    private var old: [[UInt8]] = []
    private var held: [Int: ([UInt8], to: Int)] = [:]
    private var tickets = 0

    init(_ chain: TestChain, _ index: Int, _ character: Character) {
        self.chain = chain
        self.index = index
        self.character = character
        disk = VirtualDisk()
    }

    var height: UInt64 { machine?.head.height ?? 0 }
    private var member: TestChain.Member { chain.members[index] }

    /// In FIG, at the start. Of it all but the first 50 FIG stay bonded: if correct validators left, or fell below the
    /// 1,000 FIG of a validator, the liars that stay could be a third of the power, and then nothing is promised.
    static let stake: UInt64 = 2_000
    private static let leastStake = Amount(fig: stake - 50)!

    static let configuration = ChainConfiguration(
        minimumInterval: 20, emptyBlockInterval: 200, syncInterval: 200, syncDeadline: 1_000, snapshotInterval: 3,
        journalLimit: 20_000)

    // MARK: Participant

    mutating func start(_ context: inout Context<Timer>) throws {
        do {
            if !hasKey { try ChainStorage.recordNewKey(member.node.publicKey, on: disk) }
            hasKey = true
            var storage = try ChainStorage(on: disk)
            machine = try storage.restore(
                genesis: chain.genesis, account: member.account, key: member.node, configuration: Self.configuration)
            self.storage = storage
        } catch {
            // A disk without power during the start is an accident like any other; damage is a finding.
            if !isPowerLoss(error) { record.failures.append("start: \(error)") }
            throw error
        }
        record.starts += 1
        if let machine, machine.head.height > 0 { note(machine.head, block: nil, events: []) }
        try take(.start, &context)
        context.schedule(.pay, after: .milliseconds(Int64(20 + context.dice.next(below: 200))))
        if character == .stale { context.schedule(.mischief, after: .milliseconds(30)) }
    }

    mutating func receive(_ message: [UInt8], from sender: Int, _ context: inout Context<Timer>) throws {
        guard message.count >= 9 else { return }
        remember(message)
        let peer = chain.members[sender].peer
        let body = Array(message.dropFirst(9))
        let ticket = message.dropFirst().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        switch message[0] {
        case 0: try take(.message(body, on: .consensus, from: peer), &context)
        case 1: try take(.message(body, on: .transactions, from: peer), &context)
        case 2:
            guard character != .silent, let genesis = machine?.head.genesis,
                let answer = storage?.answer(body, genesis: genesis)
            else { return }
            let isOld = character == .stale && !old.isEmpty && context.dice.next(below: 2) == 0
            let wrong = isOld ? old.filter { $0[0] == 3 }.first.map { Array($0.dropFirst(9)) } : nil
            send(3, ticket, wrong ?? answer, to: sender, &context)
        default: try take(.syncAnswer(ticket: ticket, body), &context)
        }
    }

    mutating func fire(_ timer: Timer, _ context: inout Context<Timer>) throws {
        switch timer {
        case .chain(let timer):
            if timer == .sync {
                let peers = chain.members.indices.filter { $0 != index && $0 < context.count }
                try take(.peers(peers.map { chain.members[$0].peer }), &context)
            }
            try take(.timer(timer), &context)
        case .pay:
            if let transaction = payment(&context) {
                // A node refuses its own user's overdraft; somebody else's program sends it all the same.
                let message = ChainMessage(chain: chain.genesis.digest, .transaction(transaction)).canonicalBytes
                for receiver in 0..<context.count { send(1, 0, message, to: receiver, &context) }
            }
            context.schedule(.pay, after: .milliseconds(Int64(100 + context.dice.next(below: 400))))
        case .mischief:
            for _ in 0..<2 where !old.isEmpty {
                let message = old[Int(context.dice.next(below: UInt64(old.count)))]
                context.send(message, to: Int(context.dice.next(below: UInt64(context.count))))
            }
            context.schedule(.mischief, after: .milliseconds(Int64(20 + context.dice.next(below: 100))))
        case .late(let number):
            if let (message, receiver) = held.removeValue(forKey: number) { context.send(message, to: receiver) }
        }
    }

    mutating func crash(using dice: inout SeededGenerator) {
        machine = nil
        storage = nil
        held = [:]
        disk.crash(using: &dice)
    }

    /// The machine is replaced; all that is left of it is a copy of its keys. Call it while the node is down.
    mutating func loseDisk() { disk = VirtualDisk() }

    // MARK: What a service does

    private mutating func take(_ input: ValidatorMachine.Input, _ context: inout Context<Timer>) throws {
        guard var machine else { return }
        self.machine = nil
        let effects = machine.step(input, at: TestChain.epoch + context.now / 1_000_000)
        self.machine = machine
        for effect in effects {
            if try storage?.perform(effect) ?? true { continue }
            switch effect {
            case .publish(let bytes, let topic): publish(bytes, topic, &context)
            case .request(let bytes, let peer, let ticket):
                if let receiver = chain.members.firstIndex(where: { $0.peer == peer }) {
                    send(2, ticket, bytes, to: receiver, &context)
                }
            case .schedule(let timer, let delay): context.schedule(.chain(timer), after: .milliseconds(Int64(delay)))
            case .committed(let events):
                // A step may decide several heights; the state of the last one is what is at hand.
                let isHead = events.height == machine.head.height
                record.steps.append(
                    Record.Step(
                        block: events.block, height: events.height, id: events.blockID,
                        root: isHead ? machine.head.state.root : .zero, supply: machine.head.state.supply,
                        events: events.outcome.events))
            case .halt(let reason): record.halts.append(reason)
            case .log(let line):
                record.lines.append("\(line.kind): \(line.text)")
                if record.lines.count > 6 { record.lines.removeFirst() }
            default: break
            }
        }
    }

    private mutating func note(_ head: ChainState, block: Block?, events: [LedgerEvent]) {
        record.steps.append(
            Record.Step(
                block: block, height: head.height, id: head.lastBlock, root: head.state.root, supply: head.state.supply,
                events: events))
    }

    private mutating func publish(_ bytes: [UInt8], _ topic: ChainTopic, _ context: inout Context<Timer>) {
        noteSignature(bytes)
        let kind: UInt8 = topic == .consensus ? 0 : 1
        remember([kind] + UInt64(0).canonicalBytes + bytes)
        for receiver in 0..<context.count where receiver != index {
            let told = character == .equivocating ? lie(about: bytes, &context) : bytes
            send(kind, 0, told, to: receiver, &context)
        }
    }

    private mutating func send(
        _ kind: UInt8, _ ticket: UInt64, _ body: [UInt8], to receiver: Int, _ context: inout Context<Timer>
    ) {
        let message = [kind] + ticket.canonicalBytes + body
        switch character {
        case .silent: break
        case .delaying:
            tickets += 1
            held[tickets] = (message, receiver)
            context.schedule(.late(tickets), after: .milliseconds(Int64(context.dice.next(below: 1_200))))
        default: context.send(message, to: receiver)
        }
    }

    private mutating func remember(_ message: [UInt8]) {
        guard character == .stale else { return }
        if old.count >= 300 { old.removeFirst(100) }
        old.append(message)
    }

    private func isPowerLoss(_ error: any Error) -> Bool {
        if case .some(.disk(.failed(_, _, 5))) = error as? StoreError { true } else { error is DiskError }
    }

    /// What this node's key signed, seen where it leaves the node.
    private mutating func noteSignature(_ bytes: [UInt8]) {
        guard character != .equivocating, let message = try? ChainMessage(canonicalBytes: bytes) else { return }
        let (place, content): (Place, [UInt8])
        switch message.content {
        case .vote(let signed) where signed.vote.voter == member.account:
            place = Place(height: signed.vote.height, round: signed.vote.round, step: signed.vote.kind.rawValue)
            content = signed.vote.canonicalBytes
        case .proposal(let signed, _) where signed.proposal.proposer == member.account:
            place = Place(height: signed.proposal.height, round: signed.proposal.round, step: 0)
            content = signed.proposal.canonicalBytes
        default: return
        }
        if let before = record.signed.updateValue(content, forKey: place), before != content {
            record.contradictions.append(place)
        }
    }

    // MARK: Lies and payments

    private func lie(about bytes: [UInt8], _ context: inout Context<Timer>) -> [UInt8] {
        guard let machine, context.dice.next(below: 2) == 0,
            let message = try? ChainMessage(canonicalBytes: bytes)
        else { return bytes }
        switch message.content {
        case .vote(let signed) where signed.vote.voter == member.account:
            let vote = signed.vote
            let other = vote.block == nil ? machine.head.lastBlock : nil
            let lie = Vote(vote.kind, height: vote.height, round: vote.round, block: other, voter: vote.voter)
            let signature = member.node.sign(lie.signBytes(chain: machine.head.chain), for: .vote)
            return ChainMessage(chain: message.chain, .vote(SignedVote(lie, signature: signature))).canonicalBytes
        case .proposal(let signed, let block) where signed.proposal.proposer == member.account:
            guard block.height == machine.head.height + 1,
                let twin = machine.head.build(
                    transactions: [], verified: [], evidence: [], lastCommit: block.lastCommit,
                    time: block.header.time + 1, proposer: member.account, key: member.node)?.block
            else { return bytes }
            // One in three is a block whose transactions are not those of its header.
            let isBroken = context.dice.next(below: 3) == 0
            let shown =
                isBroken
                ? Block(
                    header: twin.header, transactions: [chain.transfer(nonce: 1_000)], evidence: [],
                    lastCommit: twin.lastCommit) : twin
            let lie = Proposal(
                height: block.height, round: signed.proposal.round, polkaRound: nil, block: shown.id,
                proposer: member.account)
            let signature = member.node.sign(lie.signBytes(chain: machine.head.chain), for: .proposal)
            return ChainMessage(
                chain: message.chain, .proposal(SignedProposal(lie, signature: signature), shown)
            ).canonicalBytes
        default: return bytes
        }
    }

    /// A transfer, or now and then a change of the own stake, which changes the validators' powers two blocks later.
    private func payment(_ context: inout Context<Timer>) -> Transaction? {
        guard let machine else { return nil }
        let nonce = machine.mempool.nextNonce(of: member.root.publicKey, state: machine.head.state)
        let receiver = chain.members[Int(context.dice.next(below: UInt64(chain.members.count)))].account
        let own = machine.head.state.account(member.account)?.stake.seeds ?? 0
        let operation: Operation =
            switch context.dice.next(below: 8) {
            case 0: .stake(Amount(seeds: 1 + context.dice.next(below: 1_000_000_000)))
            case 1 where own > Self.leastStake.seeds:
                .unstake(Amount(seeds: 1 + context.dice.next(below: min(1_000_000_000, own - Self.leastStake.seeds))))
            // More than there is, at times: it is included and fails, and pays its fee.
            case 2: .transfer(to: receiver, amount: Amount(fig: 500)!)
            default: .transfer(to: receiver, amount: Amount(seeds: 1 + context.dice.next(below: 1_000)))
            }
        return Transaction.sign(
            operation, chain: chain.genesis.digest, sender: member.account, nonce: nonce, fee: Amount(seeds: 1_000),
            with: member.root)
    }
}
