import Inference
import Keys
import Ledger
import Models
import Proofs
import Testing
import Wire

/// A real ledger, a provider (1), a client (0), and members of audits with ids from 2; transactions are late, members are killed.
struct AuditCourt {
    enum Character: Hashable, CaseIterable {
        case honest
        /// Never asks, and says nothing.
        case absent
        /// Commits, never reveals.
        case silent
        /// Says that all is right, each with a value of its own.
        case lazy
        /// Commits to what another has committed to.
        case copier
        /// Claims a fault, with a value it has made up.
        case slanderer
        /// Claims a fault, with the value of all of its kind; loses disputes like an ally.
        case conspirator
        /// Says that all is right, with the value of all allies; loses disputes on purpose, or by silence.
        case allied
        /// Does not have the model.
        case unequipped

        /// Whether the ledger may take stake from it.
        var isPunishable: Bool { self != .honest && self != .unequipped }
    }

    /// What the client does when a committee has found its answer right, or a fault that it has planted.
    enum Client: Hashable, CaseIterable {
        case indifferent
        /// Appeals against every member that has confirmed a wrong answer, then against the provider.
        case honest
        /// Appeals about right answers, too.
        case griefing
        /// Has ordered the fault.
        case planting
    }

    /// What the provider does when a committee has found its answer wrong.
    enum Provider: Hashable {
        /// Appeals when the answer is right.
        case honest
        /// Appeals anyway.
        case stubborn
    }

    private struct Member {
        let character: Character
        var machine: AuditMachine
        var disk: [AuditWord] = []
    }

    static let fig = Amount.seedsPerFIG
    /// What allies and conspirators say instead of a value that they have computed.
    static let agreed = digest(999)
    private let genesis: Genesis
    private(set) var state: State
    private(set) var height: UInt64 = 0
    private(set) var events: [LedgerEvent] = []
    private var members: [Member]
    private var mempool: [(by: UInt64, Operation)] = []
    private var random: SeededGenerator
    private var exchanges: [Digest: Exchange] = [:]
    /// Whether anybody shows answers.
    private let shows: Bool
    private let client: Client
    private let provider: Provider

    /// - Parameter share: the chance of an audit by lot, in basis points.
    init(
        _ characters: [Character], seed: UInt64, share: UInt32 = 10_000, shows: Bool = true,
        client: Client = .indifferent, provider: Provider = .honest
    ) throws {
        self.provider = provider
        self.shows = shows
        self.client = client
        random = SeededGenerator(seed: seed)
        members = characters.enumerated().map { index, character in
            let id = UInt64(index + 2)
            return Member(character: character, machine: AuditMachine(account: account(id), key: key(id)))
        }
        var parameters = Parameters()
        parameters.answers.auditShare = share
        (parameters.answers.window, parameters.answers.committee) = (60, UInt32(characters.count))
        (parameters.answers.commitWindow, parameters.answers.revealWindow) = (40, 20)
        (parameters.answers.appealWindow, parameters.answers.disputeBudget) = (25, 12)
        parameters.answers.convictionWindow = 20
        let holders = (0..<UInt64(characters.count + 2)).map { index in
            Genesis.Holder(
                account: account(index), balance: Amount(seeds: 1_000 * Self.fig),
                stake: Amount(seeds: 2_000 * Self.fig), node: certificate(index))
        }
        genesis = Genesis(name: "court", time: testTime, parameters: parameters, holders: holders)
        state = try State(genesis: genesis)
        mempool = characters.indices.map { (UInt64($0 + 2), .volunteer(true)) }
        try block(losing: false)
    }

    var answers: [AnswerID] { exchanges.values.map(\.receipt.answer).sorted() }

    func outcome(of answer: AnswerID) -> AnswerOutcome? {
        guard case .closed(let outcome) = state.answer(answer) else { return nil }
        return outcome
    }

    /// Stake that members and provider have lost, by number.
    var losses: [UInt64: UInt64] {
        var losses: [UInt64: UInt64] = [:]
        for case .slashed(let id, let amount, _) in events {
            let number = (0..<UInt64(members.count + 2)).first { account($0) == id }!
            losses[number, default: 0] += amount.seeds
        }
        return losses
    }

    func number(of id: AccountID) -> Int { (0..<members.count + 2).first { account(UInt64($0)) == id }! }

    /// Stake and balance, in seeds.
    func wealth(of number: Int) -> UInt64 {
        let account = state.account(account(UInt64(number)))!
        return account.balance.seeds + account.stake.seeds
    }

    mutating func record(_ exchange: Exchange) throws {
        exchanges[exchange.job] = exchange
        mempool.append((1, .recordAnswers([exchange.record])))
        try block(losing: false)
    }

    mutating func accuse(_ exchange: Exchange, by accuser: UInt64 = 0) throws {
        exchanges[exchange.job] = exchange
        let bond = state.parameters.answers.bond(of: exchange.record.payment)
        mempool.append((accuser, .accuse(Accusation(answer: exchange.record, bond: bond))))
        try block(losing: false)
    }

    /// Blocks until no audit runs and nothing can be appealed against.
    mutating func run() throws {
        var blocks = 0
        repeat {
            try block()
            blocks += 1
        } while blocks < 3 || !state.audits(at: height).isEmpty
            || answers.contains { open($0)?.appeal != nil || open($0)?.conviction != nil }
    }

    private func open(_ answer: AnswerID) -> OpenAnswer? {
        guard case .open(let open) = state.answer(answer) else { return nil }
        return open
    }

    // MARK: A block

    private mutating func block(losing: Bool = true) throws {
        // A transaction in eight waits for the next block, as if its gossip were late.
        var late: [(by: UInt64, Operation)] = []
        var transactions: [Transaction] = []
        var nonces: [PublicKey: UInt64] = [:]
        for (by, operation) in mempool {
            if losing, random.next(below: 8) == 0 {
                late.append((by, operation))
                continue
            }
            let signer = operation.isWork ? key(by) : accountKey(by)
            let nonce = nonces[signer.publicKey] ?? state.nextNonce(of: signer.publicKey)
            nonces[signer.publicKey] = nonce + 1
            transactions.append(
                .sign(
                    operation, chain: genesis.digest, sender: account(by), nonce: nonce,
                    fee: genesis.parameters.minimumFee.times(operation.feeUnits, over: 1), with: signer))
        }
        mempool = late
        height += 1
        let context = BlockContext(
            height: height, time: testTime + height * 1000, proposer: account(0), beacon: digest(random.next()))
        events += try state.apply(transactions, in: context, referee: TruthReferee()).events
        let audits = state.audits(at: height)
        for index in members.indices {
            // Killed now and then, with whatever was under way.
            if random.next(below: 16) == 0 {
                let id = UInt64(index + 2)
                members[index].machine = AuditMachine(account: account(id), key: key(id), words: members[index].disk)
            }
            step(index, .block(height: height, audits), audits)
        }
        for exchange in exchanges.values { litigate(about: exchange) }
    }

    /// What the client and those who stand for an answer do next; what is on its way already is not sent again.
    private mutating func litigate(about exchange: Exchange) {
        let id = exchange.receipt.answer
        guard let open = open(id), !mempool.contains(where: { $0.1.isLitigation }) else { return }
        if let dispute = state.dispute(id) {
            let number = UInt64(number(of: dispute.mover))
            // Honest ones defend themselves, also those that have found the answer wrong and have nothing to fear.
            let isAllied = number >= 2 && members[Int(number) - 2].character != .honest
            if isAllied, random.next(below: 3) == 0 { return }
            let move: UInt8 = isAllied && random.next(below: 2) == 0 ? 0 : 1
            mempool.append((number, .disputeMove(DisputeTurn(answer: id, number: dispute.moves, move: [move]))))
        } else if let audit = open.audit {
            guard audit.phase == .pleading, client == .planting else { return }
            let request = exchange.request.request.canonicalBytes
            mempool.append((0, .plead(PlantedFault(answer: id, request: request, salt: Exchange.plantedSalt))))
        } else if let conviction = open.conviction {
            guard exchange.isRight || provider == .stubborn,
                let member = conviction.members.randomElement(using: &random)
            else { return }
            let bond = state.parameters.answers.bond(of: exchange.record.payment)
            let opening = DisputeOpening(
                bond: bond, member: member.account, opening: TruthReferee.unnamed + exchange.canonicalBytes)
            mempool.append((1, .openDispute(opening)))
        } else if let appeal = open.appeal, exchange.isRight,
            let loner = appeal.loners.first(where: { members[number(of: $0.account) - 2].character == .honest })
        {
            let shown = ShownWitness(answer: id, state: exchange.canonicalBytes)
            mempool.append((UInt64(number(of: loner.account)), .showWitness(shown)))
        } else if let appeal = open.appeal, let appellant = appellant(in: appeal, about: exchange) {
            let member = appeal.upholders.randomElement(using: &random)
            if member == nil, client == .planting { return }
            let bond = state.parameters.answers.bond(of: exchange.record.payment)
            mempool.append(
                (
                    appellant,
                    .openDispute(DisputeOpening(bond: bond, member: member, opening: exchange.canonicalBytes))
                ))
        }
    }

    /// Who appeals: the client, when it is of the kind, or else an honest member that has found a fault.
    private func appellant(in appeal: AnswerAppeal, about exchange: Exchange) -> UInt64? {
        let able = appeal.appellants.map { UInt64(number(of: $0.account)) }
        if able.contains(0), client == .griefing || client != .indifferent && !exchange.isRight { return 0 }
        return exchange.isRight ? nil : able.first { $0 >= 2 && members[Int($0) - 2].character == .honest }
    }

    private mutating func step(_ index: Int, _ input: AuditMachine.Input, _ audits: [OpenAnswer]) {
        let id = UInt64(index + 2)
        guard members[index].character != .absent else { return }
        for effect in members[index].machine.step(input) {
            switch effect {
            case .fetch(let task):
                // One request in eight is lost.
                let arrives = shows && random.next(below: 8) > 0
                let exchange = arrives ? exchanges[task.answer.id.job] : nil
                step(
                    index, .fetched(audit: task.seed, exchange.flatMap { $0.judged(under: task.answer.signed) }), audits
                )
            case .check(let task, let exchange):
                step(index, .checked(audit: task.seed, finding(of: index, task, exchange)), audits)
            case .commit(let word):
                members[index].disk.append(word)
                var digest = word.reveal.commitment(of: account(id))
                let seats = audits.compactMap(\.audit).first { $0.seed == word.seed }?.seats ?? []
                if members[index].character == .copier {
                    guard let other = seats.first(where: { $0.account != account(id) })?.commitment else { continue }
                    digest = other
                }
                mempool.append((id, .auditCommit(AuditCommitment(answer: word.reveal.answer, digest: digest))))
            case .reveal(let word):
                if members[index].character != .silent { mempool.append((id, .auditReveal(word.reveal))) }
            }
        }
    }

    private func finding(of index: Int, _ task: AuditTask, _ exchange: Exchange) -> AuditFinding? {
        let invented = AuditFinding.Recomputation(
            value: digest(UInt64(1000 + index)), price: exchange.record.payment)
        let agreed = AuditFinding.Recomputation(value: Self.agreed, price: exchange.record.payment)
        return switch members[index].character {
        case .lazy: .correct(invented)
        case .allied: .correct(agreed)
        case .slanderer: .faulty(AnswerFault(code: 33, step: 0), invented)
        case .conspirator: .faulty(AnswerFault(code: 33, step: 0), agreed)
        case .unequipped: nil
        default: exchange.finding(in: task.seed)
        }
    }
}
