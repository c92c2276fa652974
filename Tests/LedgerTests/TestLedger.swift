import Keys
import Ledger
import Testing
import Wire

/// A ledger with a few accounts whose keys the test has. Account 0 is the proposer of every block.
struct TestLedger {
    static let start: UInt64 = 1_800_000_000_000
    static let stake = Amount(fig: 2_000)!
    static let balance = Amount(fig: 1_000_000)!

    let roots: [SigningKey]
    let nodes: [SigningKey]
    let genesis: Genesis
    var state: State
    var height: UInt64 = 0
    var time = start
    var jobs: [Digest] = []
    /// The receipts of the round that runs.
    var receipts: [Receipt] = []
    /// The last audit that was opened.
    var audit: LedgerEvent.AuditOpened?
    /// The channels that were ever opened.
    var channels: [Digest] = []
    /// The answers that were ever recorded or accused.
    var answers: Set<AnswerID> = []
    /// All events so far.
    var events: [LedgerEvent] = []

    /// - Parameters:
    ///   - staked: how many of the accounts, from the first, have a stake and a node.
    init(accounts: Int = 7, staked: Int = 6, _ change: (inout Parameters) -> Void = { _ in }) throws {
        let roots = (0..<accounts).map { Self.key("root", $0) }
        let nodes = (0..<accounts).map { Self.key("node", $0) }
        self.roots = roots
        self.nodes = nodes
        var parameters = Parameters()
        change(&parameters)
        let holders = (0..<accounts).map { index in
            Genesis.Holder(
                account: AccountID(roots[index].publicKey), balance: Self.balance,
                stake: index < staked ? Self.stake : .zero,
                node: index < staked ? Self.certificate(roots[index], nodes[index]) : nil)
        }
        genesis = Genesis(name: "test", time: Self.start, parameters: parameters, holders: holders)
        state = try State(genesis: genesis)
    }

    static func key(_ kind: String, _ index: Int) -> SigningKey {
        SigningKey(seed: Digest(sha256: Array("\(kind) \(index)".utf8)).bytes)!
    }

    static func certificate(_ root: SigningKey, _ node: SigningKey) -> NodeCertificate {
        NodeCertificate.issue(by: root, for: node.publicKey, issued: start / 1000)
    }

    func id(_ index: Int) -> AccountID { AccountID(roots[index].publicKey) }
    func index(_ id: AccountID) -> Int { roots.firstIndex { AccountID($0.publicKey) == id }! }
    func account(_ index: Int) -> Account { state.account(id(index))! }

    func sign(
        _ operation: Operation, by index: Int, with key: SigningKey? = nil, skip: UInt64 = 0, fee: Amount? = nil
    ) -> Transaction {
        let key = key ?? (operation.isWork ? nodes[index] : roots[index])
        return Transaction.sign(
            operation, chain: state.chain, sender: id(index), nonce: state.nextNonce(of: key.publicKey) + skip,
            fee: fee ?? state.parameters.minimumFee.times(operation.feeUnits, over: 1), with: key)
    }

    func context(beacon: UInt64? = nil, offences: [Offence] = []) -> BlockContext {
        BlockContext(
            height: height + 1, time: time + 1000, proposer: id(0),
            beacon: Digest(of: (beacon ?? height).canonicalBytes, domain: "test beacon"), offences: offences)
    }

    /// One block with these operations, and what must hold after every block.
    @discardableResult
    mutating func block(_ operations: [(by: Int, Operation)] = [], offences: [Offence] = []) throws -> BlockOutcome {
        var used: [PublicKey: UInt64] = [:]
        let transactions = operations.map { entry in
            let key = entry.1.isWork ? nodes[entry.by] : roots[entry.by]
            defer { used[key.publicKey, default: 0] += 1 }
            return sign(entry.1, by: entry.by, skip: used[key.publicKey] ?? 0)
        }
        return try apply(transactions, offences: offences)
    }

    @discardableResult
    mutating func apply(_ transactions: [Transaction], offences: [Offence] = []) throws -> BlockOutcome {
        let outcome = try state.apply(
            transactions, in: context(offences: offences), referee: ToyReferee())
        height += 1
        time += 1000
        for event in outcome.events {
            switch event {
            case .jobPosted(let job): jobs.append(job)
            case .roundOpened: receipts = []
            case .receiptRecorded(let receipt): receipts.append(receipt)
            case .auditOpened(let opened): audit = opened
            case .channelOpened(let channel, _): channels.append(channel)
            case .answerRecorded(let answer, _), .answerAccused(let answer, _), .disputeOpened(let answer, _, _, _):
                answers.insert(answer.id)
            default: break
            }
        }
        events += outcome.events
        checkSupply()
        return outcome
    }

    /// One operation in a block of its own: why it changed nothing, or nil.
    mutating func attempt(_ operation: Operation, by index: Int) throws -> String? {
        try block([(index, operation)]).results[0].failure
    }

    /// Empty blocks until `height`.
    mutating func skip(to target: UInt64) throws { while height < target { try block() } }

    /// Counts everything anew, without the ledger's own totals.
    func checkSupply() {
        var supply = state.supply
        #expect(supply.isConserved)
        let accounts = roots.indices.map { state.account(id($0)) ?? Account() }
        supply.balances = accounts.reduce(.zero) { $0 + $1.balance }
        supply.staked = accounts.reduce(.zero) { $0 + $1.stake }
        supply.unbonding = accounts.reduce(.zero) { $0 + $1.unbondingTotal }
        supply.escrowed = jobs.reduce(.zero) { $0 + (state.job($1)?.escrow ?? .zero) }
        supply.channels = channels.reduce(.zero) { $0 + (state.channel($1)?.rest ?? .zero) }
        supply.bonds = .zero
        supply.auditPool = state.auditPool
        var locked: [AccountID: UInt64] = [:]
        for id in answers {
            guard case .open(let open) = state.answer(id) else { continue }
            let bonds = (open.audit?.accuser?.bond ?? .zero) + (state.dispute(id)?.bond ?? .zero)
            let held = (open.conviction?.held ?? .zero) + (open.conviction?.accuser?.bond ?? .zero)
            supply.bonds += bonds + held
            locked[id.provider, default: 0] += open.risk.seeds
        }
        #expect(supply == state.supply)
        for index in roots.indices { #expect(accounts[index].locked.seeds == locked[id(index)] ?? 0) }
    }
}

extension TestLedger {
    static let model = Digest(of: [0], domain: "test model")
    static let specification = Digest(of: [1], domain: "test specification")

    static func terms(_ change: (inout TrainingJob) -> Void = { _ in }) -> TrainingJob {
        var terms = TrainingJob(
            model: model, specification: specification, budget: Amount(fig: 300)!, rounds: 2, trainers: 3,
            committee: 4, minimumStake: Amount(fig: 1_000)!, trainWindow: 5, auditWindow: 6, aggregateWindow: 4)
        change(&terms)
        return terms
    }

    /// A job of account 6 with the trainers 0, 1, 2 and an open first round.
    static func training(_ change: (inout TrainingJob) -> Void = { _ in }) throws -> TestLedger {
        var ledger = try TestLedger()
        try ledger.block([(6, .postJob(terms(change)))])
        let job = ledger.jobs[0]
        try ledger.block((0..<Int(ledger.record.job.trainers)).map { ($0, .joinJob(job)) })
        return ledger
    }

    var record: JobRecord { state.job(jobs[0])! }

    func receipt(of worker: Int, _ change: (inout [String: Digest]) -> Void = { _ in }, count: UInt32 = 9) -> Receipt {
        let record = record
        let name = Array("\(worker) \(record.round)".utf8)
        var fields = [
            "input": record.model, "code": record.job.specification, "seed": record.seed,
            "output": Digest(of: name, domain: "test output"),
            "checkpoints": Digest(of: name, domain: "test checkpoints"),
            "residual": Digest(of: name, domain: "test residual"),
        ]
        change(&fields)
        return Receipt(
            job: jobs[0], round: record.round, worker: id(worker), input: fields["input"]!, code: fields["code"]!,
            seed: fields["seed"]!, checkpoints: fields["checkpoints"]!, count: count, output: fields["output"]!,
            residual: fields["residual"]!)
    }

    /// All trainers send a receipt; the audit opens with the block.
    mutating func sendReceipts() throws {
        let operations = (0..<record.trainers.count).map { ($0, Operation.receipt(receipt(of: $0))) }
        let outcome = try block(operations)
        #expect(outcome.results.allSatisfy { $0.failure == nil })
        #expect(record.phase == .auditing)
    }

    /// The verdict of a member about a worker, with the draw that is its own.
    func verdict(
        of member: Int, about worker: Int, _ finding: Verdict.Finding = .clean, examined: [UInt32] = []
    ) -> Verdict {
        let receipt = record.receipt(of: id(worker))!
        let input = Verdict.drawInput(record.auditSeed, receipt.id)
        let proof = nodes[member].prove(alpha: input)
        let output = nodes[member].publicKey.verify(proof, alpha: input)!
        return Verdict(
            job: jobs[0], round: record.round, worker: id(worker), receipt: receipt.id, finding: finding,
            examined: examined, segments: Verdict.draw(from: output.digest, of: receipt.count - 1), proof: proof)
    }

    func members(for worker: Int) -> [Int] {
        record.juries.first { $0.worker == id(worker) }!.members.map { index($0.account) }
    }

    /// Every member votes; `finding` says what a member finds about a worker, nil for silence.
    mutating func vote(_ finding: (_ member: Int, _ worker: Int) -> (Verdict.Finding, examined: [UInt32])?) throws {
        var operations: [(by: Int, Operation)] = []
        for worker in 0..<record.trainers.count where record.receipt(of: id(worker)) != nil {
            for member in members(for: worker) {
                guard let (found, examined) = finding(member, worker) else { continue }
                operations.append((member, .verdict(verdict(of: member, about: worker, found, examined: examined))))
            }
        }
        let outcome = try block(operations)
        #expect(outcome.results.allSatisfy { $0.failure == nil })
    }

    /// Every voter names the same model.
    mutating func aggregate(_ model: Digest) throws {
        let aggregate = Aggregate(job: jobs[0], round: record.round, model: model)
        try block(record.voters.map { (index($0.account), .aggregate(aggregate)) })
    }

    func outcomes(round: UInt32 = 0) -> [Int: UpdateOutcome] {
        var outcomes: [Int: UpdateOutcome] = [:]
        for case .updateDecided(_, round, let worker, let outcome) in events { outcomes[index(worker)] = outcome }
        return outcomes
    }

    /// Everything slashed so far, with the reason.
    var slashes: [(account: Int, amount: Amount, reason: LedgerEvent.SlashReason)] {
        events.compactMap { event in
            guard case .slashed(let account, let amount, let reason) = event else { return nil }
            return (index(account), amount, reason)
        }
    }
}
