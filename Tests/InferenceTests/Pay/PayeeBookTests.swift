import Inference
import Keys
import Ledger
import Proofs
import Testing
import Wire

struct PayeeBookTests {
    private let fig = Amount(fig: 1)!

    private struct Setting {
        let bank: TestBank
        let channel: Digest

        func voucher(_ seeds: UInt64, by signer: SigningKey = accountKey(0)) -> SignedVoucher {
            .sign(Voucher(channel: channel, amount: Amount(seeds: seeds)), with: signer)
        }
    }

    private func setting() async throws -> Setting {
        let bank = try TestBank()
        let terms = ChannelTerms(payee: account(1), signer: accountKey(0).publicKey, deposit: fig, expiry: 500)
        return Setting(bank: bank, channel: try await TestTeller(bank: bank, index: 0).submit(.openChannel(terms)))
    }

    @Test("a voucher is good for its channel, from its payer, to its payee, with its key, within its deposit")
    func vouchers() async throws {
        let setting = try await setting()
        let (book, state) = (PayeeBook(), setting.bank.state)
        #expect(try book.check(setting.voucher(5), from: account(0), to: account(1), in: state).deposit == fig)
        #expect(throws: PayeeBook.Fault.otherParties(setting.channel)) {
            try book.check(setting.voucher(5), from: account(0), to: account(2), in: state)
        }
        #expect(throws: PayeeBook.Fault.otherParties(setting.channel)) {
            try book.check(setting.voucher(5), from: account(2), to: account(1), in: state)
        }
        #expect(throws: PayeeBook.Fault.signature) {
            try book.check(setting.voucher(5, by: accountKey(1)), to: account(1), in: state)
        }
        #expect(throws: PayeeBook.Fault.aboveDeposit(Amount(seeds: fig.seeds + 1), deposit: fig)) {
            try book.check(setting.voucher(fig.seeds + 1), to: account(1), in: state)
        }
        let other = SignedVoucher.sign(Voucher(channel: digest(1), amount: .zero), with: accountKey(0))
        #expect(throws: PayeeBook.Fault.unknownChannel(digest(1))) { try book.check(other, to: account(1), in: state) }
    }

    @Test("answers are charged once each, up to what the best voucher promises, in whatever order vouchers come")
    func charges() async throws {
        let setting = try await setting()
        var book = PayeeBook()
        // The second voucher overtakes the first.
        for voucher in [setting.voucher(30), setting.voucher(10)] {
            if let entry = book.entry(for: voucher, payer: account(0), height: 1) { book.apply(entry) }
        }
        #expect(book.lines[setting.channel]?.best == setting.voucher(30))
        for (job, seeds) in [(1, 20), (2, 10)] as [(UInt64, UInt64)] {
            book.apply(try #require(try book.charge(digest(job), Amount(seeds: seeds), to: setting.channel)))
            #expect(try book.charge(digest(job), Amount(seeds: seeds), to: setting.channel) == nil)
        }
        #expect(throws: PayeeBook.Fault.short(Amount(seeds: 30), needed: Amount(seeds: 31))) {
            try book.charge(digest(3), Amount(seeds: 1), to: setting.channel)
        }
        #expect(book.lines[setting.channel]?.charged == Amount(seeds: 30))
        #expect(book.lines[setting.channel]?.answers == 2)
    }

    @Test("claims wait until they are worth it, and not when the channel closes or ends, nor when the node leaves")
    func claims() async throws {
        let setting = try await setting()
        let rules = ChannelRules(setting.bank.state.parameters)
        var book = PayeeBook()
        func claims(isLeaving: Bool = false) -> [SignedVoucher] {
            book.claims(in: setting.bank.state, height: setting.bank.height, isLeaving: isLeaving)
        }
        // 70 per cent of 1,428 seeds are less than the fee of 1,000.
        let (dust, small, large) = (setting.voucher(1_428), setting.voucher(1_430), setting.voucher(rules.claim.seeds))
        book.apply(.voucher(dust, payer: account(0), height: 1))
        #expect(claims().isEmpty && claims(isLeaving: true).isEmpty)
        book.apply(.voucher(small, payer: account(0), height: 1))
        #expect(claims().isEmpty && claims(isLeaving: true) == [small])
        book.apply(.voucher(large, payer: account(0), height: 1))
        #expect(claims() == [large])
        try await TestTeller(bank: setting.bank, index: 1).submit(.claimChannel(large))
        #expect(claims(isLeaving: true).isEmpty)
        let more = setting.voucher(rules.claim.seeds + 2_000)
        book.apply(.voucher(more, payer: account(0), height: 1))
        #expect(claims().isEmpty)
        try await TestTeller(bank: setting.bank, index: 0).submit(.closeChannel(setting.channel))
        #expect(claims() == [more])
        let end = try #require(setting.bank.state.channel(setting.channel)).end
        try setting.bank.pass(end - setting.bank.height - 1)
        #expect(claims(isLeaving: true).isEmpty, "a claim in the last block comes too late")
        try setting.bank.pass(1)
        #expect(book.stale(in: setting.bank.state, height: setting.bank.height) == [setting.channel])
        #expect(book.stale(in: setting.bank.state, height: 0).isEmpty, "a state from before the voucher says nothing")
    }

    @Test("what nobody claimed is claimed before the channel's end")
    func lastClaim() async throws {
        let setting = try await setting()
        var book = PayeeBook()
        book.apply(.voucher(setting.voucher(5_000), payer: account(0), height: 1))
        try setting.bank.pass(448)
        #expect(book.claims(in: setting.bank.state, height: setting.bank.height).isEmpty)
        try setting.bank.pass(1)
        #expect(book.claims(in: setting.bank.state, height: setting.bank.height) == [setting.voucher(5_000)])
    }

    @Test("what was promised before the node was started is claimed however small, if it is worth the fee; once")
    func inherited() async throws {
        let setting = try await setting()
        var book = PayeeBook()
        func claims(_ inherited: UInt64) -> [SignedVoucher] {
            book.claims(
                in: setting.bank.state, height: setting.bank.height,
                inherited: [setting.channel: Amount(seeds: inherited)])
        }
        book.apply(.voucher(setting.voucher(1_428), payer: account(0), height: 1))
        #expect(claims(1_428).isEmpty, "seven tenths of it are less than the fee")
        book.apply(.voucher(setting.voucher(5_000), payer: account(0), height: 1))
        #expect(claims(0).isEmpty && claims(5_000) == [setting.voucher(5_000)])
        try await TestTeller(bank: setting.bank, index: 1).submit(.claimChannel(setting.voucher(5_000)))
        book.apply(.voucher(setting.voucher(9_000), payer: account(0), height: 2))
        #expect(claims(5_000).isEmpty, "what came since waits for more")
    }

    @Test("a batch leaves out what the ledger knows already, what nobody can show, and what the stake does not cover")
    func recording() async throws {
        let bank = try TestBank()
        let kept = (1...6).map { exchange(price: 1_000_000, nonce: $0) }
        let jobs = Dictionary(uniqueKeysWithValues: kept.map { ($0.job, $0) })
        var book = PayeeBook()
        let dear = Amount(fig: 15)!
        for (index, exchange) in kept.enumerated() {
            book.apply(.due(.init(job: exchange.job, payment: index == 3 ? dear : Amount(seeds: 8_000_000))))
        }
        book.apply(.due(.init(job: digest(99), payment: .zero)))
        func found(limit: Int = AnswerRecord.batchLimit) -> PayeeBook.Recording {
            book.recording(of: account(1), in: bank.state, limit: limit) { jobs[$0] }
        }
        #expect(found().batch.map(\.id.job) == kept.map(\.job))
        #expect(found().over == [digest(99)])
        #expect(found(limit: 2).batch.map(\.id.job) == kept[0..<2].map(\.job))
        let accused = AnswerRecord(signed: kept[1].receipt, client: account(0), payment: Amount(seeds: 8_000_000))
        try await TestTeller(bank: bank, index: 2).submit(
            .accuse(Accusation(answer: accused, bond: bank.state.parameters.answers.bond(of: accused.payment))))
        #expect(found().over == [kept[1].job, digest(99)])
        #expect(found().batch.map(\.id.job) == [0, 2, 3, 4, 5].map { kept[$0].job })
        // Two answers that risk 150 FIG each, and 200 at stake.
        book.apply(.recorded(kept[0].job))
        book.apply(.due(.init(job: kept[0].job, payment: dear)))
        #expect(found().batch.map(\.id.job) == [2, 3, 4, 5].map { kept[$0].job })
        #expect(found().uncovered == 1)
    }

    @Test("the book and its entries read back as they were written; the answers that wait are in order, once")
    func codec() async throws {
        let setting = try await setting()
        let entries: [PayeeEntry] = [
            .voucher(setting.voucher(9), payer: account(0), height: 1),
            .charged(digest(1), channel: setting.channel, Amount(seeds: 9)),
            .due(.init(job: digest(1), payment: Amount(seeds: 9))), .due(.init(job: digest(2), payment: .zero)),
            .due(.init(job: digest(1), payment: Amount(seeds: 9))), .recorded(digest(3)), .forgotten(digest(8)),
        ]
        var book = PayeeBook()
        for entry in entries {
            #expect(try PayeeEntry(canonicalBytes: entry.canonicalBytes) == entry)
            book.apply(entry)
        }
        #expect(book.due.map(\.job) == [digest(1), digest(2)])
        #expect(try PayeeBook(canonicalBytes: book.canonicalBytes) == book)
        book.apply(.recorded(digest(1)))
        #expect(book.due.map(\.job) == [digest(2)])
    }

    // MARK: Credit

    private func line(charged: UInt64 = 0, best: UInt64 = 0, answers: UInt64 = 0) -> PayeeBook.Line {
        var book = PayeeBook()
        book.apply(
            .voucher(
                .sign(Voucher(channel: digest(1), amount: Amount(seeds: best)), with: accountKey(0)), payer: account(0),
                height: 1)
        )
        for job in 0..<answers {
            book.apply(.charged(digest(1_000 + job), channel: digest(1), Amount(seeds: job == 0 ? charged : 0)))
        }
        return book.lines[digest(1)]!
    }

    @Test("a new client gets eight answers at a time, and one more for each that it paid")
    func slowStart() throws {
        for paid in [0, 3, 500] as [UInt64] {
            var credit = Credit()
            let trust = min(UInt64(Credit.limit), paid + UInt64(Credit.first))
            func lend(_ job: UInt64) throws(Credit.Fault) {
                try credit.lend(
                    digest(job), Amount(seeds: 1), to: account(0), in: digest(1), line: line(answers: paid),
                    deposit: fig)
            }
            for job in 0..<trust { try lend(job) }
            #expect(throws: Credit.Fault.tooManyUnpaid(Int(trust))) { try lend(trust) }
            credit.release(digest(0))
            try lend(trust)
        }
    }

    @Test("no more is lent than the channel holds beyond what was charged, lent and promised")
    func room() throws {
        var credit = Credit()
        func lend(_ job: UInt64, _ seeds: UInt64, _ line: PayeeBook.Line) throws(Credit.Fault) {
            try credit.lend(
                digest(job), Amount(seeds: seeds), to: account(0), in: digest(1), line: line,
                deposit: Amount(seeds: 100))
        }
        let line = line(charged: 40, best: 40, answers: 1)
        #expect(throws: Credit.Fault.noRoom(Amount(seeds: 61), left: Amount(seeds: 60))) { try lend(1, 61, line) }
        try lend(1, 30, line)
        #expect(throws: Credit.Fault.noRoom(Amount(seeds: 31), left: Amount(seeds: 30))) { try lend(2, 31, line) }
        credit.fix(digest(1), at: Amount(seeds: 10), height: 7)
        try lend(2, 50, line)
        #expect(credit.finished(in: digest(1)).map(\.job) == [digest(1)])
        // What was never paid is forgiven in time; what is under way is not.
        credit.forgive(before: 7)
        #expect(credit[digest(1)] != nil)
        credit.forgive(before: 8)
        #expect(credit[digest(1)] == nil && credit[digest(2)] != nil)
        let promised = self.line(charged: 40, best: 95, answers: 1)
        credit = Credit()
        #expect(throws: Credit.Fault.noRoom(Amount(seeds: 6), left: Amount(seeds: 5))) { try lend(1, 6, promised) }
    }
}
