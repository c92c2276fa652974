import Keys
import Ledger
import Testing
import Wire

@Suite struct ServiceSequenceTests {
    /// Blocks of random channel, answer, audit and dispute operations, right and wrong ones. After each block ``TestLedger`` counts the supply and
    /// the locked stake anew.
    @Test(
        "random channels, answers, audits and disputes conserve the supply, and all of them end",
        arguments: 0..<8 as Range<UInt64>)
    func randomBlocks(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var ledger = try TestLedger.answering(share: 4_000) { $0.disputeBudget = 10 }
        var succeeded = 0
        var nextJob: UInt64 = 0
        for _ in 0..<100 {
            var operations: [(by: Int, Operation)] = []
            for _ in 0..<Int(random.next(below: 4)) { operations.append(operation(in: ledger, &nextJob, &random)) }
            for job in 0..<nextJob where ledger.open(job)?.audit != nil {
                for member in ledger.committee(job) where random.next(below: 3) > 0 {
                    // The finding is the member's own in each audit, so that most commitments can be opened.
                    let finding =
                        job % 3 == 2
                        ? Self.faults[member % 2] : Self.findings[Int((job + UInt64(member)) % 7) % Self.findings.count]
                    operations.append(
                        ledger.open(job)?.audit?.phase == .committing
                            ? (member, .auditCommit(ledger.commitment(finding, by: member, job: job)))
                            : (member, .auditReveal(ledger.reveal(finding, by: member, job: job))))
                }
            }
            for job in 0..<nextJob where ledger.open(job)?.conviction != nil && random.next(below: 2) == 0 {
                let member = ledger.open(job)?.conviction?.members.randomElement(using: &random)?.account
                operations.append(
                    (
                        1,
                        ledger.opening(
                            job: job, bond: Amount(fig: 60)!, member: member.map(ledger.index), isUnnamed: true)
                    ))
            }
            for job in 0..<nextJob where random.next(below: 3) > 0 {
                let id = ledger.receipt(job: job).answer
                guard let dispute = ledger.state.dispute(id) else { continue }
                let move = DisputeTurn(answer: id, number: dispute.moves, move: [UInt8(random.next(below: 12) / 5)])
                operations.append((ledger.index(dispute.mover), .disputeMove(move)))
            }
            operations.removeAll { $0.1.isWork && $0.by == 6 }
            succeeded += try ledger.block(operations).results.count { $0.failure == nil }
        }
        #expect(succeeded > 60)
        let copy = try State(snapshot: ledger.state.snapshot)
        #expect(copy.root == ledger.state.root)
        try ledger.skip(to: ledger.height + 60)
        for job in 0..<nextJob { #expect(ledger.open(job) == nil) }
        #expect(ledger.state.supply.bonds == .zero && ledger.state.disputes.isEmpty)
        #expect(ledger.events.contains { if case .disputeEnded = $0 { true } else { false } })
        #expect(ledger.events.contains { if case .convictionEnded = $0 { true } else { false } })
        #expect(ledger.state.supply.channels == .zero)
        for index in 0..<7 { #expect(ledger.account(index).locked == .zero) }
    }

    private static let faults: [AuditFinding] = [
        .faulty(AnswerFault(code: 2, step: 0), TestLedger.otherValue),
        .faulty(ToyReferee.seen, TestLedger.recomputation),
    ]
    private static let findings: [AuditFinding] = [
        .correct(TestLedger.recomputation), .correct(TestLedger.recomputation), .unavailable,
        .faulty(AnswerFault(code: 1, step: 0), TestLedger.recomputation), .correct(TestLedger.otherValue),
    ]

    private func operation(
        in ledger: TestLedger, _ nextJob: inout UInt64, _ random: inout SeededGenerator
    ) -> (by: Int, Operation) {
        let by = Int(random.next(below: 7))
        let channel = ledger.channels.randomElement(using: &random) ?? .zero
        let amount = Amount(seeds: random.next(below: 20 * Amount.seedsPerFIG))
        let open = ledger.state.channel(channel)
        switch random.next(below: 11) {
        case 0, 1:
            let terms = ChannelTerms(
                payee: ledger.id(Int(random.next(below: 6))), signer: ledger.nodes[by].publicKey, deposit: amount,
                expiry: ledger.height + 15 + random.next(below: 30))
            return (by, .openChannel(terms))
        case 2: return (open.map { ledger.index($0.payer) } ?? by, .topUpChannel(channel, amount))
        case 3, 4:
            let payer = open.map { ledger.index($0.payer) } ?? by
            let voucher = SignedVoucher.sign(Voucher(channel: channel, amount: amount), with: ledger.nodes[payer])
            return (open.map { ledger.index($0.payee) } ?? by, .claimChannel(voucher))
        case 5: return (open.map { ledger.index($0.payer) } ?? by, .closeChannel(channel))
        case 6, 7:
            let job = random.next(below: 5) == 0 ? random.next(below: nextJob + 1) : nextJob
            nextJob = max(nextJob, job + 1)
            let payment = Amount(seeds: random.next(below: 3 * Amount.seedsPerFIG))
            return (1, .recordAnswers([ledger.answer(job: job, payment: payment)]))
        case 8, 9:
            let job = random.next(below: nextJob + 1)
            nextJob = max(nextJob, job + 1)
            let bond = Amount(fig: 1 + random.next(below: 60))!
            return (6, ledger.opening(job: job, bond: bond, isEvident: random.next(below: 8) == 0, payment: amount))
        default:
            let job = random.next(below: nextJob + 1)
            nextJob = max(nextJob, job + 1)
            let answer = ledger.answer(job: job, output: UInt8(random.next(below: 8) / 7), payment: amount)
            return (by, .accuse(Accusation(answer: answer, bond: Amount(fig: 1 + random.next(below: 60))!)))
        }
    }
}
