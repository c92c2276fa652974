import Inference
import Keys
import Ledger
import Proofs
import Simulation
import Store
import Synchronization
import Testing
import Wire

struct PaymentTests {
    @Test(
        "crashes of both sides at any moment, and lost messages: nothing acknowledged is lost, no answer is paid twice, all that is owed is claimed",
        arguments: Seeds.chosen(from: 0..<24))
    func crashes(seed: UInt64) async throws {
        let world = try PaymentWorld(seed: seed, clock: HurriedClock())
        for _ in 0..<30 { try await world.ask() }
        try await world.end()
        #expect(await world.signed > 0 && world.acknowledged.count > 5)
    }

    @Test("a voucher is the price of the answer, never above the maximum, and never for another answer")
    func price() async throws {
        let world = try PaymentWorld(seed: 1)
        let asked = exchange(price: 1_000_000, nonce: 1)
        _ = try await world.payer.prepare(asked.request.request)
        for seeds in [7_999_999, 8_000_001] as [UInt64] {
            await #expect(throws: PayerService.Failure.self) { try await world.payer.voucher(for: asked, seeds: seeds) }
        }
        let other = exchange(price: 1_000_000, nonce: 2)
        await #expect(throws: PayerBook.Fault.notAsked(other.job)) {
            try await world.payer.voucher(for: other, seeds: 8_000_000)
        }
        let first = try await world.payer.voucher(for: asked, seeds: 8_000_000)
        #expect(try await world.payer.voucher(for: asked, seeds: 8_000_000) == first)
        #expect(try SignedVoucher(canonicalBytes: first).voucher.amount == Amount(seeds: 8_000_000))
    }

    @Test("who has too little money is told how much is needed and what there is")
    func poor() async throws {
        let world = try PaymentWorld(seed: 1)
        let dear = exchange(price: Amount(fig: 200)!.seeds, nonce: 1)
        let needed = Amount(seeds: Amount(fig: 1_600)!.seeds + 1_000)
        await #expect(throws: PayerService.Failure.poor(needed: needed, balance: TestBank.balance)) {
            try await world.payer.prepare(dear.request.request)
        }
        #expect("\(PayerService.Failure.poor(needed: needed, balance: TestBank.balance))".contains("1600.000001 FIG"))
    }

    @Test("an opening that never came into a block is made again")
    func lostOpening() async throws {
        let world = try PaymentWorld(seed: 1)
        world.bank.lose(1)
        let (payer, bank) = (world.payer, world.bank)
        let asked = exchange(price: 1_000_000, nonce: 1)
        async let prepared = payer.prepare(asked.request.request)
        while await payer.promises.lines.isEmpty { await Task.yield() }
        try bank.pass(ChannelRules.patience)
        let voucher = try SignedVoucher(canonicalBytes: try await prepared).voucher
        #expect(bank.state.channel(voucher.channel) != nil)
        #expect(await payer.promises.lines.count == 2)
    }

    @Test("without a voucher shown, from another client, or beyond the deposit, nothing is answered")
    func strangers() async throws {
        let world = try PaymentWorld(seed: 1, clock: HurriedClock())
        let asked = exchange(price: 1_000_000, nonce: 1).request.request
        await #expect(throws: Refusal.self) { try await world.till.lend(asked, channel: nil) }
        let channel = try await world.till.show(try await world.payer.prepare(asked))
        try await world.till.lend(asked, channel: channel)
        let others = exchange(client: 2, price: 1_000_000, nonce: 2).request.request
        await #expect(throws: Refusal.self) { try await world.till.lend(others, channel: channel) }
        let dear = exchange(price: Amount(fig: 100)!.seeds, nonce: 3).request.request
        do throws(Refusal) {
            try await world.till.lend(dear, channel: channel)
            Issue.record("an answer beyond the deposit is lent")
        } catch { #expect(error.code == .unpayable) }
        await #expect(throws: Refusal.self) { try await world.till.show([1, 2, 3]) }
    }

    @Test("a client that has too much unpaid waits until it has paid some, and is then answered")
    func waitsForCredit() async throws {
        let world = try PaymentWorld(seed: 1)
        let (payer, till) = (world.payer, world.till)
        var asked: [Exchange] = []
        for nonce in 0...UInt64(Credit.first) {
            asked.append(exchange(price: 1_000, nonce: nonce))
            let channel = try await till.show(try await payer.prepare(asked[Int(nonce)].request.request))
            guard nonce == UInt64(Credit.first) else {
                try await till.lend(asked[Int(nonce)].request.request, channel: channel)
                continue
            }
            let last = asked[Int(nonce)].request.request
            async let lent: Void = till.lend(last, channel: channel)
            try await till.take(try await payer.voucher(for: asked[0], seeds: 8_000), for: asked[0])
            try await lent
        }
    }

    @Test("what a client never paid is forgiven after some blocks, and it is answered again; what is under way is not")
    func forgiven() async throws {
        let world = try PaymentWorld(seed: 1, clock: HurriedClock())
        let (till, bank) = (world.till, world.bank)
        let asked = (0...UInt64(Credit.first)).map { exchange(price: 1_000, nonce: $0) }
        let channel = try await till.show(try await world.payer.prepare(asked[0].request.request))
        func lend(_ index: Int) async -> Refusal? {
            do throws(Refusal) { try await till.lend(asked[index].request.request, channel: channel) } catch {
                return error
            }
            return nil
        }
        for index in 0..<Credit.first { #expect(await lend(index) == nil) }
        // The last one is never finished.
        for index in 0..<Credit.first - 1 { await till.finish(asked[index]) }
        try bank.pass(ChannelRules(bank.state.parameters).margin)
        await till.work()
        #expect(await lend(Credit.first)?.code == .unpayable)
        try bank.pass(1)
        await till.work()
        #expect(await till.unpaid == 1)
        #expect(await lend(Credit.first) == nil)
    }

    @Test("a question that waits sees what is put into its channel meanwhile, however many blocks that takes")
    func waitsForMoney() async throws {
        let world = try PaymentWorld(seed: 1)
        let (payer, till) = (world.payer, world.till)
        let small = exchange(price: 1_000_000, nonce: 1).request.request
        let channel = try await till.show(try await payer.prepare(small))
        try await till.lend(small, channel: channel)
        let deposit = try #require(world.bank.state.channel(channel)).deposit
        let large = exchange(price: deposit.seeds / 8, nonce: 2).request.request
        async let lent: Void = till.lend(large, channel: channel)
        while await till.waitingCount == 0 { await Task.yield() }
        // The client may have been so far ahead.
        for _ in 0..<10 {
            try world.bank.pass(1)
            await till.work()
        }
        _ = try await payer.prepare(large)
        #expect(try #require(world.bank.state.channel(channel)).deposit > deposit)
        await till.work()
        try await lent
    }

    @Test("paid answers are put on the ledger while the stake covers them, and one that it cannot stand for is refused")
    func records() async throws {
        let world = try PaymentWorld(seed: 1)
        let bank = world.bank
        let asked = exchange(price: 1_000_000, nonce: 1)
        let request = asked.request.request
        let channel = try await world.till.show(try await world.payer.prepare(request))
        try await world.till.lend(request, channel: channel)
        try world.keep(asked)
        await world.till.finish(asked)
        #expect(bank.state.answer(asked.receipt.answer) == nil)
        try await world.till.take(try await world.payer.voucher(for: asked, seeds: 8_000_000), for: asked)
        #expect(bank.state.answer(asked.receipt.answer) != nil && bank.failures.isEmpty)
        let locked = try #require(bank.state.account(account(1))).locked
        #expect(locked == bank.state.parameters.answers.risk(of: Amount(seeds: 8_000_000)))
        // 200 FIG of stake stand for a tenth of that at most.
        let dear = InferenceTests.request(verification: .fraud, price: Amount(fig: 3)!.seeds)
        do {
            try await world.till.lend(dear, channel: channel)
            Issue.record("an answer beyond the stake is taken")
        } catch { #expect(error.code == .uncovered) }
    }

    @Test("a voucher for an answer that an earlier one has paid already is written down before it is acknowledged")
    func surplus() async throws {
        let world = try PaymentWorld(seed: 1)
        let payer = world.payer
        let answers = (1...3).map { exchange(price: 1_000_000, nonce: $0) }
        func ask(_ asked: Exchange) async throws {
            let channel = try await world.till.show(try await payer.prepare(asked.request.request))
            try await world.till.lend(asked.request.request, channel: channel)
            try world.keep(asked)
            await world.till.finish(asked)
        }
        try await ask(answers[0])
        _ = try await payer.voucher(for: answers[0], seeds: 8_000_000)
        // It did not arrive, and the payee forgets what it has lent.
        try world.restartPayee()
        try await ask(answers[1])
        let second = try await payer.voucher(for: answers[1], seeds: 8_000_000)
        // The voucher that is shown with another question overtakes it, and there is enough on it for the answer.
        try await ask(answers[2])
        try await world.till.take(second, for: answers[1])
        let line = try #require(await world.till.promises.lines.values.first)
        #expect(line.best.voucher.amount == Amount(seeds: 16_000_000))
    }

    @Test("an answer that is accused while its batch is on the way: the batch fails, and the rest follows")
    func accusedOnTheWay() async throws {
        let world = try PaymentWorld(seed: 1)
        let bank = world.bank
        let answers = (1...3).map { exchange(price: 100_000, nonce: $0) }
        _ = try await world.payer.prepare(answers[0].request.request)
        bank.lose(1)
        // The first is lost alone, while the others come.
        for answer in answers { try await world.pay(for: answer) }
        await world.till.work()
        try bank.pass(2)
        bank.hold()
        await world.till.work()
        #expect(answers.allSatisfy { bank.state.answer($0.receipt.answer) == nil })
        #expect(await world.payer.accuse(answers[0], .token(step: 3, expected: 9)) != nil)
        try bank.release()
        for _ in 0..<3 {
            await world.till.work()
            try bank.pass(4)
        }
        for answer in answers { #expect(bank.state.answer(answer.receipt.answer) != nil) }
        #expect(bank.failures.count == 1)
        #expect(await world.till.promises.due.isEmpty)
    }

    @Test("a claim that never came into a block is made again at once")
    func lostClaim() async throws {
        let world = try PaymentWorld(seed: 1)
        let asked = exchange(price: 5_000_000, nonce: 1)
        _ = try await world.payer.prepare(asked.request.request)
        world.bank.lose(1)
        try await world.pay(for: asked)
        let channel = try #require(await world.till.promises.lines.keys.first)
        #expect(world.bank.state.channel(channel)?.claimed == .zero)
        await world.till.work()
        #expect(world.bank.state.channel(channel)?.claimed == Amount(seeds: 40_000_000))
        #expect(world.bank.failures.isEmpty)
    }

    @Test("a false answer is brought before the ledger once: in a dispute, or by an accusation")
    func disputed() async throws {
        let world = try PaymentWorld(seed: 1)
        for (verification, isDisputed) in [(VerificationMode.fraud, true), (.merkle, false)] {
            let asked = exchange(price: 1_000_000, nonce: 1, verification: verification)
            world.disputes.opened.withLock { $0 = [] }
            let transaction = await world.payer.accuse(asked, .token(step: 3, expected: 9))
            #expect(world.disputes.opened.withLock(\.self) == (isDisputed ? [asked.job] : []))
            #expect(transaction == (isDisputed ? asked.job : transaction) && transaction != nil)
            #expect((world.bank.state.answer(asked.receipt.answer) == nil) == isDisputed)
        }
    }

    @Test("a false answer is accused with the bond that the parameters ask; what blames nobody is not")
    func accusation() async throws {
        let world = try PaymentWorld(seed: 1)
        let asked = exchange(price: 1_000_000, nonce: 1)
        #expect(await world.payer.accuse(asked, .receiptSignature) == nil)
        #expect(await world.payer.accuse(asked, .token(step: 3, expected: 9)) != nil)
        #expect(world.bank.failures.isEmpty)
        guard case .open(let open) = world.bank.state.answer(asked.receipt.answer) else {
            Issue.record("the answer is not on the ledger")
            return
        }
        #expect(open.audit?.accuser?.account == account(0))
        #expect(open.answer.payment == Amount(seeds: 8_000_000))
    }

    @Test("two receipts for one job are reported, one receipt twice is not")
    func equivocation() async throws {
        let world = try PaymentWorld(seed: 1)
        let first = exchange(price: 1, nonce: 1).receipt
        let receipt = first.receipt
        let other = SignedReceipt.sign(
            Receipt(
                job: receipt.job, round: 0, worker: receipt.worker, input: receipt.input, code: receipt.code,
                seed: receipt.seed, checkpoints: digest(6), count: receipt.count, output: receipt.output,
                residual: .zero), seedProof: first.seedProof, with: key(1))
        #expect(await world.payer.report(first, first) == nil)
        let stake = try #require(world.bank.state.account(account(1))).stake
        #expect(await world.payer.report(first, other) != nil)
        #expect(try #require(world.bank.state.account(account(1))).stake < stake && world.bank.failures.isEmpty)
    }

    @Test("a book outlives its compaction")
    func compaction() throws {
        let disk = VirtualDisk()
        var book = try BookOnDisk<PayerBook>(on: disk, directory: "payer", entryLimit: 64)
        try book.note(.opening(digest(1), payee: account(1), height: 1))
        for job in 0..<300 as Range<UInt64> {
            try book.note(
                .asked(
                    .init(
                        job: digest(job), channel: digest(1), node: key(1).publicKey, limit: Amount(seeds: 2), height: 1
                    )))
            try book.note(.paid(digest(job), Amount(seeds: 2)))
        }
        let again = try BookOnDisk<PayerBook>(on: disk, directory: "payer")
        #expect(again.content == book.content)
        #expect(again.content.voucher(of: digest(1))?.amount == Amount(seeds: 600))
        #expect(again.content.paid[digest(299)] == digest(1))
        #expect(disk.paths.count == 1, "the old segments are gone: \(disk.paths)")
    }
}
