import Keys
import Ledger
import Testing
import Wire

@Suite struct RoundTests {
    let next = Digest(of: [2], domain: "test model")
    /// 300 FIG ÷ 2 rounds × 80 % ÷ 3 trainers.
    let payment = Amount(fig: 40)!
    /// 300 FIG ÷ 2 rounds × 20 % ÷ 12 seats.
    let seatPayment = Amount(seeds: 2_500_000_000)

    @Test(
        "all accepted: every trainer and every seat is paid, the next round starts from the agreed model, then the rest goes back"
    )
    func allAccepted() throws {
        var ledger = try TestLedger.training()
        #expect(ledger.record.phase == .training)
        let owner = ledger.account(6).balance
        for _ in 0..<2 {
            try ledger.sendReceipts()
            try ledger.vote { _, _ in (.clean, []) }
            #expect(ledger.record.phase == .aggregating)
            let before = (0..<7).map { ledger.account($0).balance }
            let seats = (0..<3).flatMap { ledger.members(for: $0) }
            try ledger.aggregate(next)
            #expect(ledger.outcomes().values.allSatisfy { $0 == .accepted })
            for index in 1..<7 {  // Account 0 also gets the fees.
                let fee = seats.contains(index) ? ledger.state.parameters.minimumFee.seeds : 0
                let seated = UInt64(seats.count { $0 == index }) * seatPayment.seeds
                let earned = (index < 3 ? payment.seeds : 0) + seated - fee
                #expect(ledger.account(index).balance.seeds == before[index].seeds + earned)
            }
            #expect(ledger.record.model == next)
            #expect(ledger.record.residuals.count == 3)
        }
        #expect(ledger.record.phase == .finished)
        #expect(ledger.record.escrow == .zero)
        #expect(ledger.account(6).balance == owner)  // The whole budget was earned.
        #expect(ledger.state.openJobs.isEmpty)
        #expect(ledger.slashes.isEmpty)
        #expect(ledger.state.history(job: ledger.jobs[0], round: 0)?.digests.count == 6)
    }

    @Test(
        "a fault that is claimed and confirmed costs the worker ten payments; the others are paid no more than without it"
    )
    func confirmedFault() throws {
        var ledger = try TestLedger.training()
        try ledger.sendReceipts()
        try ledger.vote { _, worker in worker == 1 ? (.fault(.segment(3)), []) : (.clean, []) }
        #expect(ledger.outcomes() == [0: .accepted, 1: .rejected(.segment(3)), 2: .accepted])
        #expect(ledger.record.accepted.map { ledger.index($0.worker) }.sorted() == [0, 2])
        let before = ledger.account(2).balance
        let seats = UInt64((0..<3).flatMap { ledger.members(for: $0) }.count { $0 == 2 })
        let fee = seats > 0 ? ledger.state.parameters.minimumFee.seeds : 0
        try ledger.aggregate(next)
        #expect(ledger.account(1).stake == TestLedger.stake - Amount(fig: 400)!)
        #expect(ledger.slashes.map(\.amount) == [Amount(fig: 400)!])
        #expect(ledger.account(2).balance.seeds == before.seeds + payment.seeds + seats * seatPayment.seeds - fee)
        #expect(ledger.account(1).reputation.failures == 6 * Reputation.one)
        #expect(!ledger.record.residuals.contains { $0.account == ledger.id(1) })
    }

    @Test("a fault that others re-execute and deny costs the liar one payment, and the worker nothing")
    func liar() throws {
        var ledger = try TestLedger.training()
        try ledger.sendReceipts()
        let liar = ledger.members(for: 0)[0]
        try ledger.vote { member, worker in member == liar && worker == 0 ? (.fault(.segment(2)), []) : (.clean, []) }
        // Nobody has re-executed segment 2 on purpose: the update is open until they have.
        let open = ledger.record.phase == .auditing
        if open {
            #expect(ledger.outcomes()[0] == nil)
            try ledger.vote { member, worker in member == liar || worker != 0 ? nil : (.clean, [2]) }
        }
        #expect(ledger.outcomes().values.allSatisfy { $0 == .accepted })
        try ledger.aggregate(next)
        #expect(ledger.slashes.map(\.account) == [liar])
        #expect(ledger.slashes.map(\.amount) == [payment])
        #expect(ledger.slashes.map(\.reason) == [.falseVerdict])
    }

    @Test("a member that could not fetch something is not punished when the others accept")
    func unavailableIsNoLie() throws {
        var ledger = try TestLedger.training()
        try ledger.sendReceipts()
        let member = ledger.members(for: 0)[0]
        try ledger.vote { $0 == member && $1 == 0 ? (.fault(.unavailable), []) : (.clean, []) }
        try ledger.aggregate(next)
        #expect(ledger.outcomes()[0] == .accepted)
        #expect(ledger.slashes.isEmpty)
    }

    @Test("silent members: at the deadline the update is unverified, neither paid nor slashed")
    func silence() throws {
        var ledger = try TestLedger.training()
        try ledger.sendReceipts()
        let silent = Set(ledger.members(for: 0).prefix(2))
        try ledger.vote { silent.contains($0) && $1 == 0 ? nil : (.clean, []) }
        #expect(ledger.record.phase == .auditing)
        let deadline = ledger.record.deadline
        try ledger.skip(to: deadline - 1)
        #expect(ledger.record.phase == .auditing)
        try ledger.block()
        #expect(ledger.record.phase == .aggregating)
        #expect(ledger.outcomes() == [0: .unverified, 1: .accepted, 2: .accepted])
        try ledger.aggregate(next)
        #expect(ledger.slashes.isEmpty)
        for case .roundSettled(let settled) in ledger.events {
            let trainers = settled.payments.filter { $0.amount >= payment }.map { ledger.index($0.account) }
            #expect(Set(trainers).isSuperset(of: [1, 2]))
            #expect(settled.model == next)
        }
    }

    @Test("no quorum about anything: the round is opened again three times, then the job is closed and refunded")
    func noQuorum() throws {
        var ledger = try TestLedger.training()
        let owner = ledger.account(6).balance
        for attempt in 0..<4 {
            #expect(ledger.record.failures == UInt8(attempt))
            #expect(ledger.record.round == 0)
            let seed = ledger.record.seed
            try ledger.sendReceipts()
            try ledger.skip(to: ledger.record.deadline)
            if attempt < 3 { #expect(ledger.record.seed != seed) }
        }
        #expect(ledger.record.phase == .failed)
        #expect(ledger.account(6).balance == owner + Amount(fig: 300)!)
        #expect(ledger.slashes.isEmpty)
        #expect(ledger.events.count { if case .roundFailed = $0 { true } else { false } } == 4)
        #expect(ledger.state.openJobs.isEmpty)
    }

    @Test("nobody votes on the model: the round fails, but a rejected worker is slashed once for it")
    func noModel() throws {
        var ledger = try TestLedger.training()
        try ledger.sendReceipts()
        try ledger.vote { _, worker in worker == 1 ? (.fault(.base), []) : (.clean, []) }
        try ledger.skip(to: ledger.record.deadline)
        #expect(ledger.record.phase == .training)
        #expect(ledger.record.failures == 1)
        #expect(ledger.record.escrow == Amount(fig: 300)!)
        #expect(ledger.slashes.map(\.amount) == [Amount(fig: 400)!])
    }

    @Test("all rejected: the model stays, the verifiers are paid, the workers are slashed")
    func allRejected() throws {
        var ledger = try TestLedger.training()
        try ledger.sendReceipts()
        try ledger.vote { _, _ in (.fault(.output), []) }
        #expect(ledger.record.round == 1)
        #expect(ledger.record.model == TestLedger.model)
        #expect(ledger.slashes.count == 3)
        #expect(ledger.record.escrow == Amount(fig: 270)!)  // 12 seats were paid, no trainer.
    }

    @Test("a trainer that never submits holds the round up to its deadline and earns nothing")
    func absentTrainer() throws {
        var ledger = try TestLedger.training()
        let deadline = ledger.record.deadline
        try ledger.block([(0, .receipt(ledger.receipt(of: 0))), (1, .receipt(ledger.receipt(of: 1)))])
        try ledger.skip(to: deadline - 1)
        #expect(ledger.record.phase == .training)
        // The last height counts.
        try ledger.block()
        #expect(ledger.record.phase == .auditing)
        #expect(ledger.record.juries.count == 2)
        #expect(try ledger.attempt(.receipt(ledger.receipt(of: 2)), by: 2) == "the job is auditing")
    }

    @Test("nobody submits: the round fails")
    func nobodySubmits() throws {
        var ledger = try TestLedger.training()
        try ledger.skip(to: ledger.record.deadline)
        #expect(ledger.record.failures == 1)
    }

    @Test("a receipt on the last height counts, one height later it does not")
    func lastHeight() throws {
        var ledger = try TestLedger.training()
        try ledger.block([(0, .receipt(ledger.receipt(of: 0)))])
        try ledger.skip(to: ledger.record.deadline - 1)
        var late = ledger
        #expect(try ledger.attempt(.receipt(ledger.receipt(of: 1)), by: 1) == nil)
        try late.block()
        #expect(try late.attempt(.receipt(late.receipt(of: 1)), by: 1) != nil)
    }

    @Test("a worker whose stake no longer covers a slash is neither awaited nor heard")
    func drainedWorker() throws {
        var ledger = try TestLedger.training { $0.minimumStake = Amount(fig: 2_000)! }
        try ledger.block([(1, .unstake(Amount(fig: 1_700)!))])
        #expect(try ledger.attempt(.receipt(ledger.receipt(of: 1)), by: 1) != nil)
        try ledger.block([(0, .receipt(ledger.receipt(of: 0))), (2, .receipt(ledger.receipt(of: 2)))])
        #expect(ledger.record.phase == .auditing)
    }

    @Test("a slash takes stake on its way back too, and never more than there is")
    func slashReachesUnbonding() throws {
        var ledger = try TestLedger.training()
        try ledger.sendReceipts()
        try ledger.block([(1, .unstake(TestLedger.stake))])
        try ledger.vote { _, worker in worker == 1 ? (.fault(.output), []) : (.clean, []) }
        try ledger.aggregate(next)
        #expect(ledger.account(1).stake == .zero)
        #expect(ledger.account(1).unbondingTotal == TestLedger.stake - Amount(fig: 400)!)
    }

    @Test("a member may correct its verdict while the audit runs; the last one counts")
    func correction() throws {
        var ledger = try TestLedger.training()
        try ledger.sendReceipts()
        let member = ledger.members(for: 0)[0]
        let wrong = ledger.verdict(of: member, about: 0, .fault(.output))
        try ledger.block([(member, .verdict(wrong))])
        try ledger.vote { _, _ in (.clean, []) }
        #expect(ledger.outcomes().values.allSatisfy { $0 == .accepted })
        try ledger.aggregate(next)
        #expect(ledger.slashes.isEmpty)
    }

    @Test("the same votes twice settle a round once")
    func settledOnce() throws {
        var ledger = try TestLedger.training()
        try ledger.sendReceipts()
        try ledger.vote { _, _ in (.clean, []) }
        let voters = ledger.record.voters.map { ledger.index($0.account) }
        let vote = Operation.aggregate(Aggregate(job: ledger.jobs[0], round: 0, model: next))
        try ledger.block((voters + voters).map { ($0, vote) })
        #expect(ledger.events.count { if case .roundSettled = $0 { true } else { false } } == 1)
        #expect(ledger.record.round == 1)
        for voter in voters { #expect(try ledger.attempt(vote, by: voter) == "the job is training") }
        #expect(ledger.record.escrow == Amount(fig: 150)!)
    }

    @Test("two thirds of the weight are no quorum for a model")
    func modelQuorum() throws {
        var ledger = try TestLedger.training { $0.committee = 6 }
        try ledger.sendReceipts()
        try ledger.vote { _, _ in (.clean, []) }
        let voters = ledger.record.voters.map { ledger.index($0.account) }
        try #require(voters.count == 6)
        let vote = Operation.aggregate(Aggregate(job: ledger.jobs[0], round: 0, model: next))
        try ledger.block(voters.prefix(4).map { ($0, vote) })
        #expect(ledger.record.phase == .aggregating)
        try ledger.block([(voters[4], vote)])
        #expect(ledger.record.round == 1)
    }

    @Test("the owner opens the round early with the trainers that are there; they earn no more for it")
    func earlyOpening() throws {
        var ledger = try TestLedger()
        try ledger.block([(6, .postJob(TestLedger.terms()))])
        try ledger.block([(0, .joinJob(ledger.jobs[0]))])
        #expect(ledger.record.phase == .gathering)
        try ledger.block([(6, .openRound(ledger.jobs[0]))])
        try ledger.sendReceipts()
        try ledger.vote { _, _ in (.clean, []) }
        try ledger.aggregate(next)
        for case .roundSettled(let settled) in ledger.events {
            #expect(settled.payments.first { $0.account == ledger.id(0) }?.amount == payment)
        }
    }

    @Test("a job nobody has joined is closed by its owner and refunded")
    func closeEmptyJob() throws {
        var ledger = try TestLedger()
        try ledger.block([(6, .postJob(TestLedger.terms()))])
        try ledger.block([(6, .openRound(ledger.jobs[0]))])
        #expect(ledger.record.phase == .failed)
        let fees = 2 * ledger.state.parameters.minimumFee.seeds
        #expect(ledger.account(6).balance.seeds == TestLedger.balance.seeds - fees)
    }
}
