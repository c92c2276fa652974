import Keys
import Ledger
import Testing
import Wire

@Suite struct AmountTests {
    @Test(
        "amounts have one text and read it back",
        arguments: [
            (0, "0 FIG"), (1, "0.000000001 FIG"), (1_500_000_000, "1.5 FIG"), (UInt64.max, "18446744073.709551615 FIG"),
            (10_000_000_000, "10 FIG"), (100, "0.0000001 FIG"),
        ])
    func text(seeds: UInt64, text: String) {
        #expect(Amount(seeds: seeds).description == text)
        #expect(Amount(text) == Amount(seeds: seeds))
        #expect(Amount(String(text.dropLast(4))) == Amount(seeds: seeds))
    }

    @Test(
        "what is no amount is refused",
        arguments: [
            "", " ", "-1", "+1", "1.", ".5", "1.0000000000", "18446744073.709551616", "18446744074", "1e3", "1 fig",
            "0x1",
        ])
    func badText(text: String) { #expect(Amount(text) == nil) }

    @Test("a share is rounded down and never overflows", arguments: 0..<200 as Range<UInt64>)
    func share(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let (amount, part) = (random.next() >> random.next(below: 64), random.next() >> random.next(below: 64))
        let whole = (random.next() >> random.next(below: 64)) | 1
        let exact = UInt128(amount) * UInt128(part) / UInt128(whole)
        #expect(Amount(seeds: amount).times(part, over: whole).seeds == UInt64(clamping: exact))
    }

    @Test("sums and differences that do not fit are nil")
    func range() {
        #expect(Amount(seeds: .max).adding(Amount(seeds: 1)) == nil)
        #expect(Amount(seeds: 1).subtracting(Amount(seeds: 2)) == nil)
        #expect(Amount(fig: 18_446_744_074) == nil)
    }

    @Test("what does not fit ends the process where it was bounded before")
    func traps() async {
        var sum = Amount(seeds: .max) - Amount(seeds: 2)
        sum += Amount(seeds: 2)
        #expect(sum == Amount(seeds: .max))
        sum -= Amount(seeds: .max)
        #expect(sum == .zero + .zero)
        await #expect(processExitsWith: .failure) { _ = Amount(seeds: .max) + Amount(seeds: 1) }
        await #expect(processExitsWith: .failure) { _ = Amount.zero - Amount(seeds: 1) }
    }
}

@Suite struct CodecTests {
    private func samples() throws -> [Transaction] {
        var ledger = try TestLedger.training()
        try ledger.sendReceipts()
        let member = ledger.members(for: 0)[0]
        let operations: [Operation] = [
            .transfer(to: ledger.id(1), amount: Amount(fig: 1)!), .stake(Amount(seeds: 3)), .unstake(Amount(seeds: 4)),
            .registerNode(TestLedger.certificate(ledger.roots[0], ledger.nodes[0])), .postJob(TestLedger.terms()),
            .joinJob(ledger.jobs[0]), .openRound(ledger.jobs[0]), .receipt(ledger.receipt(of: 0)),
            .verdict(ledger.verdict(of: member, about: 0, .fault(.segment(3)), examined: [1, 5])),
            .aggregate(Aggregate(job: ledger.jobs[0], round: 1, model: .zero)),
            .openChannel(
                ChannelTerms(
                    payee: ledger.id(1), signer: ledger.nodes[0].publicKey, deposit: Amount(seeds: 9), expiry: 5)),
            .topUpChannel(.zero, Amount(seeds: 5)),
            .claimChannel(.sign(Voucher(channel: .zero, amount: Amount(seeds: 8)), with: ledger.nodes[0])),
            .closeChannel(.zero), .recordAnswers([ledger.answer()]),
            .accuse(Accusation(answer: ledger.answer(), bond: Amount(seeds: 3))),
            .reportEquivocation(Equivocation(first: ledger.receipt(), second: ledger.receipt(output: 1))),
            .auditCommit(ledger.commitment(.unavailable, by: 1)),
            .auditReveal(
                ledger.reveal(.faulty(AnswerFault(code: 1, step: 2), TestLedger.recomputation), by: 1)),
            .volunteer(true), .showWitness(ShownWitness(answer: ledger.answer().id, state: [1, 2])),
        ]
        return operations.map { ledger.sign($0, by: 0) }
    }

    @Test(
        "every operation survives the wire; truncated it is refused; with any bit flipped it is refused or another one that fails"
    )
    func transactions() throws {
        for transaction in try samples() {
            let bytes = transaction.canonicalBytes
            #expect(try Transaction(canonicalBytes: bytes) == transaction)
            #expect(transaction.hasValidSignature)
            for length in 0..<bytes.count {
                #expect(throws: WireError.self) { try Transaction(canonicalBytes: Array(bytes[..<length])) }
            }
            for bit in 0..<bytes.count * 8 {
                var wrong = bytes
                wrong[bit / 8] ^= 1 << UInt8(bit % 8)
                guard let decoded = try? Transaction(canonicalBytes: wrong) else { continue }
                #expect(decoded.canonicalBytes == wrong)
                if bit % 31 == 0 { #expect(!decoded.hasValidSignature) }
            }
        }
    }

    @Test(
        "random bytes and mutated records never crash a decoder, and what is read is written the same",
        arguments: 0..<8 as Range<UInt64>)
    func fuzz(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var ledger = try TestLedger.training()
        try ledger.sendReceipts()
        let origins = [
            try samples()[8].canonicalBytes, ledger.record.canonicalBytes, ledger.account(0).canonicalBytes,
            ledger.genesis.canonicalBytes, ledger.state.prove(.openJobs).canonicalBytes,
        ]
        func check<Value: Canonical>(_ type: Value.Type, _ bytes: [UInt8]) {
            if let value = try? Value(canonicalBytes: bytes) { #expect(value.canonicalBytes == bytes) }
        }
        for _ in 0..<2_000 {
            var bytes = origins[Int(random.next(below: UInt64(origins.count)))]
            for _ in 0...Int(random.next(below: 4)) where !bytes.isEmpty {
                let place = Int(random.next(below: UInt64(bytes.count)))
                switch random.next(below: 4) {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(0xff, at: place)
                default: bytes.removeLast(min(bytes.count, Int(random.next(below: 40))))
                }
            }
            check(Transaction.self, bytes)
            check(JobRecord.self, bytes)
            check(Account.self, bytes)
            check(Genesis.self, bytes)
            check(StateProof.self, bytes)
        }
    }
}

@Suite struct GenesisTests {
    @Test("the digest of a genesis names its chain: any other number is another chain")
    func digest() throws {
        let ledger = try TestLedger()
        #expect(try Genesis(canonicalBytes: ledger.genesis.canonicalBytes) == ledger.genesis)
        #expect(ledger.state.chain == ledger.genesis.digest)
        let other = try TestLedger { $0.minimumFee = Amount(seeds: 1_001) }
        #expect(other.state.chain != ledger.state.chain)
    }

    @Test("a genesis without validator, with an account twice, a false certificate or too much money starts no chain")
    func refusals() throws {
        let ledger = try TestLedger()
        var genesis = ledger.genesis
        genesis.holders.append(genesis.holders[6])
        #expect(throws: GenesisError.repeatedAccount(genesis.holders[6].account)) { try State(genesis: genesis) }
        genesis = ledger.genesis
        genesis.holders[2].balance = Amount(seeds: .max)
        #expect(throws: GenesisError.supplyTooLarge) { try State(genesis: genesis) }
        genesis = ledger.genesis
        genesis.time += 91 * 86_400_000
        #expect(throws: GenesisError.self) { try State(genesis: genesis) }
        #expect(throws: GenesisError.noValidator) { try TestLedger(staked: 0) }
    }
}

@Suite struct ReputationTests {
    private let now: UInt64 = 1_800_000_000_000

    @Test("little evidence means level 1; 50 and 150 clean observations mean 2 and 3; one proven fault weighs six")
    func levels() {
        var reputation = Reputation()
        #expect(reputation.lowerBound == 0)
        #expect(reputation.level == 1)
        reputation.succeed(50, at: now)
        #expect(reputation.level == 2)
        reputation.succeed(100, at: now)
        #expect(reputation.level == 3)
        let before = reputation.lowerBound
        reputation.fail(6, at: now)
        #expect(reputation.lowerBound < before)
        #expect(reputation.failures == 6 * Reputation.one)
    }

    @Test("half of an observation is left after 90 days, within a thousandth")
    func halfLife() {
        var reputation = Reputation()
        reputation.succeed(100, at: now)
        reputation.succeed(0, at: now + 90 * 86_400_000)
        let half = Double(reputation.successes) / Double(100 * Reputation.one)
        #expect(abs(half - 0.5) < 0.001)
    }

    @Test("the lower bound is that of the Beta posterior, within a hundredth", arguments: 0..<100 as Range<UInt64>)
    func bound(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var reputation = Reputation()
        let (good, bad) = (random.next(below: 400), random.next(below: 60))
        reputation.succeed(good, at: now)
        reputation.fail(bad, at: now)
        let (alpha, beta) = (Double(good + 1), Double(bad + 1))
        let sum = alpha + beta
        let exact = alpha / sum - 2 * (alpha * beta / (sum * sum * (sum + 1))).squareRoot()
        #expect(abs(Double(reputation.lowerBound) / 10_000 - max(0, exact)) < 0.01)
    }

    @Test("counts never leave their range, whatever is observed")
    func saturation() {
        var reputation = Reputation()
        for _ in 0..<40 {
            reputation.succeed(1 << 20, at: now)
            reputation.fail(1 << 20, at: now)
        }
        #expect(reputation.lowerBound < 5_000)
        #expect(reputation.level == 1)
    }
}
