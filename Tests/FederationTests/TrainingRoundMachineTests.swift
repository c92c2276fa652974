import Federation
import Keys
import Ledger
import Testing

/// A machine under test: node 0 of five, with views made by hand and work answered by hand.
private struct Desk {
    var machine = TrainingRoundMachine(account: SmallJob.account(0), key: SmallJob.key(0))
    var view: JobView
    var height: UInt64 = 100

    init(phase: JobView.Phase) {
        view = JobView(
            job: Digest(of: [1], domain: "test"), specification: Digest(of: [2], domain: "test"),
            model: Digest(of: [3], domain: "test"))
        view.trainers = (0..<5).map(SmallJob.account)
        view.seed = Digest(of: [4], domain: "test")
        view.phase = phase
        view.deadline = 130
    }

    /// The next block; blobs of the job are found at once.
    mutating func block(after blocks: UInt64 = 1) -> [TrainingRoundMachine.Effect] {
        height += blocks
        var effects = machine.step(.block(height: height, view))
        for effect in effects {
            if case .fetch(let digest, _) = effect { effects += machine.step(.fetched(digest, true)) }
        }
        for effect in effects {
            if case .fetch(let digest, _) = effect { effects += machine.step(.fetched(digest, true)) }
        }
        return effects
    }

    var id: RoundID { RoundID(job: view.job, round: view.round, seed: view.seed) }

    func receipt(of index: Int, count: UInt32 = 9) -> Receipt {
        Receipt(
            job: view.job, round: view.round, worker: SmallJob.account(index), input: view.model,
            code: view.specification, seed: view.seed, checkpoints: Digest(of: [5, UInt8(index)], domain: "test"),
            count: count, output: Digest(of: [6, UInt8(index)], domain: "test"), residual: .zero)
    }

    /// Node 1 is judged by 0, 2, 3 and 4.
    mutating func openAudit(count: UInt32 = 9) {
        view.phase = .auditing
        view.receipts = [receipt(of: 1, count: count)]
        view.committees = [
            Committee(
                worker: SmallJob.account(1), receipt: view.receipts[0].id, members: [0, 2, 3, 4].map(SmallJob.account))
        ]
        view.deadline = height + 30
    }

    mutating func ballot(by member: Int, _ finding: Verdict.Finding) {
        view.ballots.append(
            JobView.Ballot(
                member: SmallJob.account(member),
                verdict: Verdict(
                    job: view.job, round: view.round, worker: SmallJob.account(1), receipt: view.receipts[0].id,
                    finding: finding, examined: [], segments: [],
                    proof: SmallJob.key(member).prove(alpha: []))))
    }
}

extension [TrainingRoundMachine.Effect] {
    fileprivate var checks: [CheckOrder] { compactMap { if case .check(let order) = $0 { order } else { nil } } }
    fileprivate var submitted: [Operation] {
        compactMap { if case .submit(let operation) = $0 { operation } else { nil } }
    }
    fileprivate var verdicts: [Verdict] {
        submitted.compactMap { if case .verdict(let verdict) = $0 { verdict } else { nil } }
    }
    fileprivate var trains: [TrainingOrder] { compactMap { if case .train(let order) = $0 { order } else { nil } } }
    fileprivate var fetches: [Digest] { compactMap { if case .fetch(let digest, _) = $0 { digest } else { nil } } }
}

@Suite struct TrainingRoundMachineTests {
    @Test(
        "nothing starts before specification and model are here, and a failed fetch is tried again with the next block")
    func fetchesFirst() {
        var desk = Desk(phase: .training)
        var effects = desk.machine.step(.block(height: 1, desk.view))
        #expect(effects.fetches == [desk.view.specification] && effects.trains.isEmpty)
        #expect(desk.machine.step(.block(height: 2, desk.view)).fetches.isEmpty)
        #expect(desk.machine.step(.fetched(desk.view.specification, false)).fetches.isEmpty)
        #expect(desk.machine.step(.block(height: 3, desk.view)).fetches == [desk.view.specification])
        effects = desk.machine.step(.fetched(desk.view.specification, true))
        #expect(effects.fetches == [desk.view.model] && effects.trains.isEmpty)
        #expect(desk.machine.step(.fetched(desk.view.model, true)).trains.count == 1)
    }

    @Test("a trainer trains once, hands in its receipt, and again only when four blocks have not shown it")
    func training() {
        var desk = Desk(phase: .training)
        let order = desk.block().trains
        #expect(order.count == 1 && order.first?.place == 0)
        #expect(desk.block().trains.isEmpty)
        let receipt = desk.receipt(of: 0)
        #expect(desk.machine.step(.trained(desk.id, receipt)).submitted == [.receipt(receipt)])
        for _ in 0..<3 { #expect(desk.block().submitted.isEmpty) }
        #expect(desk.block().submitted == [.receipt(receipt)])
        desk.view.receipts = [receipt]
        for _ in 0..<8 { #expect(desk.block().submitted.isEmpty) }
    }

    @Test("failed training starts again with the next block; a stranger never trains")
    func trainingFails() {
        var desk = Desk(phase: .training)
        _ = desk.block()
        #expect(desk.machine.step(.trained(desk.id, nil)).trains.isEmpty)
        #expect(desk.block().trains.count == 1)
        var stranger = Desk(phase: .training)
        stranger.view.trainers.removeFirst()
        #expect(stranger.block().trains.isEmpty)
    }

    @Test("a new attempt cancels the old one, and late results of the old one change nothing")
    func newAttempt() {
        var desk = Desk(phase: .training)
        _ = desk.block()
        let old = desk.id
        let late = desk.receipt(of: 0)
        desk.view.seed = Digest(of: [9], domain: "test")
        let effects = desk.block()
        #expect(effects.contains { if case .cancel(old) = $0 { true } else { false } })
        #expect(effects.trains.count == 1)
        #expect(desk.machine.step(.trained(old, late)).submitted.isEmpty)
    }

    @Test("a member checks the commitment and its share, and says clean only when all of it has passed")
    func cleanAudit() {
        var desk = Desk(phase: .auditing)
        desk.openAudit()
        let checks = desk.block().checks
        #expect(checks.last?.part == .commitment && checks.count >= 7)
        #expect(Set(checks.map(\.part)).count == checks.count)
        for check in checks.dropLast() { #expect(desk.machine.step(.checked(check, .passed)).verdicts.isEmpty) }
        let verdicts = desk.machine.step(.checked(checks[checks.count - 1], .passed)).verdicts
        #expect(verdicts.count == 1 && verdicts[0].finding == .clean)
        #expect(verdicts[0].examined.count == checks.count - 1)
        let alpha = desk.view.auditSeed.bytes + desk.view.receipts[0].id.bytes
        #expect(SmallJob.key(0).publicKey.verify(verdicts[0].proof, alpha: alpha) != nil)
        // Shown by the ledger, it is not sent again.
        desk.view.ballots = [JobView.Ballot(member: SmallJob.account(0), verdict: verdicts[0])]
        for _ in 0..<10 { #expect(desk.block().submitted.isEmpty) }
    }

    @Test("a fault is claimed at once, the commitment's before a segment's")
    func faultyAudit() {
        var desk = Desk(phase: .auditing)
        desk.openAudit()
        let checks = desk.block().checks
        let first = desk.machine.step(.checked(checks[2], .failed(.segment(5)))).verdicts
        #expect(first.map(\.finding) == [.fault(.segment(5))])
        let second = desk.machine.step(.checked(checks[checks.count - 1], .failed(.output))).verdicts
        #expect(second.map(\.finding) == [.fault(.output)])
    }

    @Test("a claim by another member obliges to re-execute that segment, even after a clean verdict")
    func obligation() {
        var desk = Desk(phase: .auditing)
        desk.openAudit()
        let checks = desk.block().checks
        for check in checks { _ = desk.machine.step(.checked(check, .passed)) }
        let mine = Set(checks.map(\.part))
        let open = (0..<8).first { !mine.contains(.segment($0)) }
        guard let open else { return #expect(mine.count == 9) }
        desk.ballot(by: 2, .fault(.segment(open)))
        let claimed = desk.block().checks
        #expect(claimed.map(\.part) == [.segment(open)])
        let verdict = desk.machine.step(.checked(claimed[0], .passed)).verdicts
        #expect(verdict.first?.finding == .clean && verdict.first?.examined.contains(open) == true)
        // A segment that does not exist obliges to nothing.
        desk.ballot(by: 3, .fault(.segment(8)))
        #expect(desk.block().checks.isEmpty)
    }

    @Test("a blob that is missing counts as withheld in the last third only, and never when another member has seen it")
    func unavailable() {
        func run(witnessed: Bool) -> [UInt64: Verdict.Finding] {
            var desk = Desk(phase: .auditing)
            desk.openAudit()
            if witnessed { desk.ballot(by: 2, .clean) }
            var found: [UInt64: Verdict.Finding] = [:]
            for block in 1...29 as ClosedRange<UInt64> {
                let effects = desk.block()
                for verdict in effects.verdicts { found[block] = found[block] ?? verdict.finding }
                for check in effects.checks { _ = desk.machine.step(.checked(check, .missing)) }
            }
            return found
        }
        let found = run(witnessed: false)
        #expect(found.keys.min() == 20 && found.values.allSatisfy { $0 == .fault(.unavailable) })
        #expect(run(witnessed: true).isEmpty)
    }

    @Test("a receipt with an absurd count costs one check, not memory")
    func absurdCount() {
        for count in [0, 1, 1027, UInt32.max] as [UInt32] {
            var desk = Desk(phase: .auditing)
            desk.openAudit(count: count)
            #expect(desk.block().checks.count == 2)
        }
    }

    @Test("a member that comes in the middle of an audit does its share; a worker is never its own judge")
    func lateAndSelf() {
        var desk = Desk(phase: .auditing)
        desk.openAudit()
        desk.height += 10
        #expect(!desk.block().checks.isEmpty)
        var own = Desk(phase: .auditing)
        own.openAudit()
        own.view.committees[0].members.removeFirst()
        #expect(own.block().checks.isEmpty)
    }

    @Test("everyone joins the accepted updates; only members of a committee say so on the ledger")
    func aggregation() {
        for isMember in [true, false] {
            var desk = Desk(phase: .aggregating)
            desk.openAudit()
            desk.view.phase = .aggregating
            desk.view.accepted = desk.view.receipts
            if !isMember { desk.view.committees[0].members.removeFirst() }
            let orders = desk.block().compactMap { effect -> AggregationOrder? in
                if case .aggregate(let order) = effect { order } else { nil }
            }
            #expect(orders.count == 1 && orders[0].parts.map(\.place) == [1])
            let model = Digest(of: [7], domain: "test")
            let submitted = desk.machine.step(.aggregated(desk.id, model)).submitted
            let expected = Operation.aggregate(Aggregate(job: desk.view.job, round: 0, model: model))
            #expect(submitted == (isMember ? [expected] : []))
            // The model is known to be here: the next round fetches nothing.
            desk.view.round = 1
            desk.view.seed = Digest(of: [8], domain: "test")
            desk.view.model = model
            desk.view.phase = .training
            #expect(desk.block().fetches.isEmpty)
        }
    }

    @Test("a block from before changes nothing")
    func oldBlock() {
        var desk = Desk(phase: .training)
        _ = desk.block()
        var old = desk.view
        old.seed = .zero
        #expect(desk.machine.step(.block(height: 5, old)).isEmpty)
    }
}
