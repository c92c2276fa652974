import Keys
import Ledger
import Testing
import Wire

@Suite struct SequenceTests {
    /// Blocks of random operations, right and wrong ones; conservation is counted anew after each of them.
    @Test("random operations conserve the supply, and a snapshot has the same root", arguments: 0..<20 as Range<UInt64>)
    func randomBlocks(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var ledger = try TestLedger {
            $0.unbondingBlocks = 30
            $0.memberStake = Amount(seeds: 1)
        }
        var succeeded = 0
        for number in 0..<150 {
            var operations: [(by: Int, Operation)] = []
            for _ in 0..<Int(random.next(below: 5)) {
                let by = Int(random.next(below: 7))
                operations.append((by, operation(by: by, in: ledger, &random)))
            }
            if let job = ledger.jobs.last, ledger.record.job.budget > .zero {
                operations += drive(ledger, job, &random)
            }
            operations.removeAll { $0.1.isWork && $0.by == 6 }
            let offences =
                random.next(below: 120) == 0
                ? [Offence(account: ledger.id(Int(random.next(below: 6)) % 3 + 3), height: 1)] : []
            let before = ledger.state
            let outcome = try ledger.block(operations, offences: offences)
            succeeded += outcome.results.count { $0.failure == nil }
            for slash in ledger.slashes { #expect(slash.amount <= ledger.state.supply.minted) }
            // The same block on the same state gives the same state.
            if number % 30 == 0 {
                let copy = try State(snapshot: ledger.state.snapshot)
                #expect(copy.root == ledger.state.root)
                #expect(copy.snapshot == ledger.state.snapshot)
                #expect(before.root != .zero)
            }
        }
        #expect(succeeded > 100)
    }

    private func operation(by: Int, in ledger: TestLedger, _ random: inout SeededGenerator) -> Operation {
        let amount = Amount(seeds: random.next(below: 3_000 * Amount.seedsPerFIG))
        switch random.next(below: 8) {
        case 0, 1: return .transfer(to: ledger.id(Int(random.next(below: 7))), amount: amount)
        case 2: return .stake(amount)
        case 3: return .unstake(Amount(seeds: amount.seeds / 8))
        case 4:
            return .postJob(
                TestLedger.terms {
                    $0.rounds = UInt32(random.next(below: 4))
                    $0.trainers = UInt32(random.next(below: 4))
                    $0.budget = Amount(seeds: 1 + random.next(below: Amount.seedsPerFIG))
                    $0.minimumStake = Amount(fig: 10)!
                })
        case 5: return .transfer(to: ledger.id(by), amount: amount)
        case 6: return .unstake(amount)
        default: return .openRound(ledger.jobs.randomElement(using: &random) ?? .zero)
        }
    }

    /// What the first job's members may do next, with faults and silence mixed in.
    private func drive(
        _ ledger: TestLedger, _ job: Digest, _ random: inout SeededGenerator
    ) -> [(by: Int, Operation)] {
        var operations: [(by: Int, Operation)] = []
        let record = ledger.record
        switch record.phase {
        case .gathering:
            let by = Int(random.next(below: 6))
            operations.append((by, .joinJob(ledger.jobs[0])))
        case .training:
            for trainer in record.trainers where random.next(below: 3) > 0 {
                let index = ledger.index(trainer)
                operations.append((index, .receipt(ledger.receipt(of: index))))
            }
        case .auditing:
            for jury in record.juries {
                let worker = ledger.index(jury.worker)
                for member in jury.members.map({ ledger.index($0.account) }) where random.next(below: 3) > 0 {
                    let finding: Verdict.Finding =
                        random.next(below: 4) == 0 ? .fault(.segment(UInt32(random.next(below: 8)))) : .clean
                    operations.append((member, .verdict(ledger.verdict(of: member, about: worker, finding))))
                }
            }
        case .aggregating:
            for voter in record.voters where random.next(below: 4) > 0 {
                let model = Digest(of: [UInt8(random.next(below: 5) / 4)], domain: "test model")
                let vote = Aggregate(job: ledger.jobs[0], round: record.round, model: model)
                operations.append((ledger.index(voter.account), .aggregate(vote)))
            }
        case .finished, .failed: break
        }
        return operations
    }

    @Test("thousands of transfers: the tree after them equals the tree built from its records")
    func manyBlocks() throws {
        var random = SeededGenerator(seed: 77)
        var ledger = try TestLedger()
        for _ in 0..<2_000 {
            let by = Int(random.next(below: 7))
            let to = AccountID(PublicKey(bytes: Digest(sha256: random.next(below: 300).canonicalBytes).bytes)!)
            let amount = Amount(seeds: 1 + random.next(below: 1_000))
            let transaction = ledger.sign(.transfer(to: to, amount: amount), by: by)
            _ = try ledger.state.apply([transaction], in: ledger.context(), trusting: [transaction.id])
            ledger.height += 1
            ledger.time += 1000
            #expect(ledger.state.supply.isConserved)
        }
        #expect(try State(snapshot: ledger.state.snapshot).root == ledger.state.root)
        #expect(ledger.state.supply.minted == Amount(fig: 7_012_000)!)
    }

    @Test("a copy of the state is not changed by blocks on the other")
    func copies() throws {
        var ledger = try TestLedger()
        let before = ledger.state
        let root = before.root
        try ledger.block([(2, .stake(Amount(fig: 3)!))])
        #expect(before.root == root)
        #expect(before.account(ledger.id(2))?.stake == TestLedger.stake)
    }

    @Test("every truncation of a snapshot is refused")
    func snapshotTruncation() throws {
        let bytes = try TestLedger().state.snapshot
        for length in 0..<bytes.count {
            #expect(throws: WireError.self) { try State(snapshot: Array(bytes[..<length])) }
        }
        #expect(throws: WireError.self) { try State(snapshot: bytes + [0]) }
    }
}

@Suite struct CommitteeTests {
    /// χ² of 5 candidates over the first seats; 4 degrees of freedom: 99.99 % of fair draws are below 23.5.
    @Test("seats fall in proportion to stake, and a worker never sits over itself")
    func fairness() throws {
        var ledger = try TestLedger.training { $0.committee = 1 }
        try ledger.block([(5, .stake(Amount(fig: 2_000)!))])  // Account 5 has twice the stake.
        try ledger.block([(1, .receipt(ledger.receipt(of: 1))), (2, .receipt(ledger.receipt(of: 2)))])
        let last = ledger.sign(.receipt(ledger.receipt(of: 0)), by: 0)
        var counts = [Int](repeating: 0, count: 7)
        let draws = 3_000
        for beacon in 0..<UInt64(draws) {
            var state = ledger.state
            let outcome = try state.apply([last], in: ledger.context(beacon: beacon), trusting: [last.id])
            for case .auditOpened(let opened) in outcome.events {
                for committee in opened.committees {
                    #expect(!committee.members.contains(committee.worker))
                    if committee.worker == ledger.id(0) { counts[ledger.index(committee.members[0])] += 1 }
                }
            }
        }
        #expect(counts[0] == 0)
        #expect(counts[6] == 0)
        let weights = [0.0, 1, 1, 1, 1, 2, 0]
        var statistic = 0.0
        for index in 1...5 {
            let expected = Double(draws) * weights[index] / 6
            statistic += (Double(counts[index]) - expected) * (Double(counts[index]) - expected) / expected
        }
        #expect(statistic < 23.5, "\(counts)")
    }

    @Test("a committee has no member twice, and no more members than there are candidates")
    func distinct() throws {
        var ledger = try TestLedger.training { $0.committee = 64 }
        try ledger.sendReceipts()
        for worker in 0..<3 {
            #expect(Set(ledger.members(for: worker)) == Set(0..<6).subtracting([worker]))
            #expect(ledger.members(for: worker).count == 5)
        }
    }
}
