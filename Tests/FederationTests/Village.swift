import Federation
import Keys
import Ledger
import Models
import Proofs
import Wire

/// A swarm around the real ledger: every block, a sequencer applies what it was sent to one state and every node sees the result.
///
/// Nothing here agrees on anything: consensus is another module's business. Delays are counted in blocks; operations and blobs get
/// lost; the same seed gives the same run.
struct Village {
    /// What the ledger decided about one update.
    struct Decision: Hashable {
        let round: UInt32
        let worker: AccountID
        let outcome: UpdateOutcome
    }

    let small: SmallJob
    let net: BlobNet
    private(set) var state: State
    private(set) var height: UInt64 = 1
    private(set) var villagers: [Villager] = []
    private(set) var decisions: [Decision] = []
    private(set) var settled: [LedgerEvent.RoundSettled] = []
    private(set) var failedRounds = 0
    /// Names of the operations that the ledger refused.
    private(set) var refused: [String] = []
    private(set) var job: Digest = .zero
    private var sent: [(due: UInt64, sender: Int, operation: Operation)] = []
    private var dice: SeededGenerator
    /// Of a thousand operations, how many never reach the sequencer.
    private let loss: UInt64

    /// - Parameters:
    ///   - habits: one for each node; the first `trainers` train.
    ///   - loss: of a thousand operations and blob requests each, how many get lost.
    init(
        seed: UInt64, habits: [Villager.Habits], trainers: Int = 5, committee: UInt32 = 4, rounds: UInt32 = 4,
        loss: UInt64 = 0, deltaBits: UInt8 = 8, job real: SmallJob? = nil
    ) throws {
        small = real ?? SmallJob(seed: seed, shards: UInt32(trainers), deltaBits: deltaBits)
        net = BlobNet(seed: seed &+ 1, loss: loss)
        dice = SeededGenerator(seed: seed)
        self.loss = loss
        let holders = habits.indices.map { index in
            Genesis.Holder(
                account: SmallJob.account(index), balance: Amount(fig: 1_000)!, stake: Amount(fig: 1_000)!,
                node: NodeCertificate.issue(
                    by: SmallJob.key(index), for: SmallJob.key(index + 100).publicKey, issued: 1_000))
        }
        state = try State(
            genesis: Genesis(name: "village", time: 1_000_000, parameters: Parameters(), holders: holders))
        for (index, habit) in habits.enumerated() {
            let account = SmallJob.account(index)
            // One and two threads side by side: the bits do not depend on it.
            let work = RoundWork(blobs: NodeBlobs(net: net, account: account), data: small, threads: 1 + index % 2)
            villagers.append(
                Villager(account: account, key: SmallJob.key(index + 100), work: work, habits: habit))
        }
        small.publish(on: net, at: villagers[0].account)
        let posted = TrainingJob(
            model: small.modelDigest, specification: small.specificationDigest, budget: Amount(fig: 100)!,
            rounds: rounds, trainers: UInt32(trainers), committee: committee, minimumStake: Amount(fig: 900)!,
            trainWindow: 8, auditWindow: 24, aggregateWindow: 12)
        let post = transaction(.postJob(posted), of: 0, with: SmallJob.key(0))
        job = post.id
        try apply([post])
        try apply((0..<trainers).map { transaction(.joinJob(job), of: $0, with: villagers[$0].key) })
    }

    var record: JobRecord? { state.job(job) }
    var isOver: Bool { record?.isOver ?? true }

    /// Runs to the end of the job.
    /// - Throws: ``Stuck`` when it has not ended after so many blocks.
    mutating func run(blocks limit: UInt64 = 600) async throws {
        while !isOver {
            guard height < limit else { throw Stuck(height: height) }
            try await block()
        }
        // Everyone hears of the end, and latecomers fetch the result.
        for _ in 0..<12 { try await block() }
    }

    struct Stuck: Error { let height: UInt64 }

    mutating func block() async throws {
        for index in villagers.indices.shuffled(using: &dice) { await act(index) }
        var due = sent.filter { $0.due <= height }
        sent.removeAll { $0.due <= height }
        due.shuffle(using: &dice)
        var transactions: [Transaction] = []
        for message in due {
            let before = transactions.filter { $0.signer == villagers[message.sender].key.publicKey }.count
            transactions.append(
                transaction(
                    message.operation, of: message.sender, with: villagers[message.sender].key, pending: UInt64(before))
            )
        }
        try apply(transactions)
    }

    private mutating func act(_ index: Int) async {
        let isUp = villagers[index].isUp(at: height)
        net.set(villagers[index].account, online: isUp)
        guard isUp else { return villagers[index].crash() }
        guard let view = JobView(of: job, in: state) else { return }
        await step(index, .block(height: height, view))
        while let next = villagers[index].pending.firstIndex(where: { $0.due <= height }) {
            let effect = villagers[index].pending.remove(at: next).effect
            if let result = await villagers[index].carryOut(effect) { await step(index, result) }
        }
    }

    private mutating func step(_ index: Int, _ input: TrainingRoundMachine.Input) async {
        let effects = villagers[index].machine.step(input)
        for operation in await villagers[index].perform(effects, at: height, &dice) {
            if dice.next(below: 1000) < loss { continue }
            sent.append((height + dice.next(below: 3), index, operation))
        }
    }

    private func transaction(
        _ operation: Operation, of index: Int, with key: SigningKey, pending: UInt64 = 0
    ) -> Transaction {
        Transaction.sign(
            operation, chain: state.chain, sender: SmallJob.account(index),
            nonce: state.nextNonce(of: key.publicKey) + pending, fee: Amount(seeds: 1_000), with: key)
    }

    private mutating func apply(_ transactions: [Transaction]) throws {
        let context = BlockContext(
            height: height, time: 1_000_000 + height * 1000, proposer: SmallJob.account(Int(height) % villagers.count),
            beacon: Digest(of: height.canonicalBytes + small.modelDigest.bytes, domain: "beacon"))
        let outcome = try state.apply(transactions, in: context)
        for (result, transaction) in zip(outcome.results, transactions) where result.failure != nil {
            refused.append(transaction.operation.name)
        }
        for event in outcome.events {
            switch event {
            case .updateDecided(_, let round, let worker, let outcome):
                decisions.append(Decision(round: round, worker: worker, outcome: outcome))
            case .roundSettled(let round): settled.append(round)
            case .roundFailed: failedRounds += 1
            default: break
            }
        }
        height += 1
    }
}
