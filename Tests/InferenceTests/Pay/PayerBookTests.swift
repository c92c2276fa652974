import Inference
import Keys
import Ledger
import Testing
import Wire

struct PayerBookTests {
    private let channel = digest(1)

    private func asked(_ job: UInt64, limit: UInt64, in channel: Digest? = nil) -> PayerEntry {
        .asked(
            .init(
                job: digest(job), channel: channel ?? self.channel, node: key(1).publicKey, limit: Amount(seeds: limit),
                height: 3))
    }

    private func book(_ entries: PayerEntry...) -> PayerBook {
        var book = PayerBook()
        book.apply(.opening(channel, payee: account(1), height: 1))
        for entry in entries { book.apply(entry) }
        return book
    }

    @Test("a job is paid once, up to what was agreed, and only when it was asked")
    func payment() throws {
        var book = book(asked(10, limit: 50))
        #expect(throws: PayerBook.Fault.notAsked(digest(11))) { try book.payment(for: digest(11), Amount(seeds: 1)) }
        #expect(throws: PayerBook.Fault.aboveLimit(Amount(seeds: 51), limit: Amount(seeds: 50))) {
            try book.payment(for: digest(10), Amount(seeds: 51))
        }
        let entry = try #require(try book.payment(for: digest(10), Amount(seeds: 50)))
        book.apply(entry)
        #expect(book.voucher(of: channel) == Voucher(channel: channel, amount: Amount(seeds: 50)))
        #expect(try book.payment(for: digest(10), Amount(seeds: 50)) == nil)
        // Applied again, as after a crash, it changes nothing; nor does asking for it again.
        for again in [entry, asked(10, limit: 50), entry] { book.apply(again) }
        #expect(book.voucher(of: channel)?.amount == Amount(seeds: 50) && book.debts.isEmpty)
    }

    @Test("what was dropped is never paid, and reserves nothing")
    func dropped() {
        let book = book(asked(10, limit: 50), asked(11, limit: 7), .dropped(digest(10)))
        #expect(book.reserved(in: channel) == Amount(seeds: 7))
        #expect(throws: PayerBook.Fault.notAsked(digest(10))) { try book.payment(for: digest(10), Amount(seeds: 1)) }
    }

    @Test("an acknowledgement is never beyond what was signed, and never goes back")
    func acknowledged() {
        var book = book(asked(10, limit: 50), .paid(digest(10), Amount(seeds: 20)))
        #expect(book.unacknowledged == [channel])
        book.apply(.acknowledged(channel, Amount(seeds: 90)))
        #expect(book.lines[channel]?.acknowledged == Amount(seeds: 20) && book.unacknowledged.isEmpty)
        book.apply(.acknowledged(channel, Amount(seeds: 3)))
        #expect(book.lines[channel]?.acknowledged == Amount(seeds: 20))
    }

    @Test("the book and its entries read back as they were written")
    func codec() throws {
        let entries: [PayerEntry] = [
            .opening(channel, payee: account(1), height: 9), asked(10, limit: 5), .dropped(digest(3)),
            .paid(digest(10), Amount(seeds: 5)), .acknowledged(channel, Amount(seeds: 2)), .forgotten(digest(4)),
        ]
        for entry in entries { #expect(try PayerEntry(canonicalBytes: entry.canonicalBytes) == entry) }
        let book = book(asked(10, limit: 50), asked(11, limit: 7), .paid(digest(10), Amount(seeds: 20)))
        #expect(try PayerBook(canonicalBytes: book.canonicalBytes) == book)
    }

    // MARK: Channels

    /// A book with a channel of so many FIG on the ledger, or none.
    private func funded(_ deposit: UInt64?, balance: UInt64 = 1_000) async throws -> (PayerBook, TestBank, Digest?) {
        let bank = try TestBank(balance: Amount(fig: balance)!)
        var book = PayerBook()
        guard let deposit else { return (book, bank, nil) }
        let terms = ChannelTerms(
            payee: account(1), signer: accountKey(0).publicKey, deposit: Amount(fig: deposit)!, expiry: 1_000)
        let id = try await TestTeller(bank: bank, index: 0).submit(.openChannel(terms))
        book.apply(.opening(id, payee: account(1), height: 0))
        return (book, bank, id)
    }

    private func step(_ book: PayerBook, _ bank: TestBank, _ fig: UInt64) -> PayerBook.Step {
        book.step(of: account(0), toward: account(1), for: Amount(fig: fig)!, in: bank.state, height: bank.height)
    }

    @Test("a channel with room is used; without room it is topped up; a payee without one gets one")
    func steps() async throws {
        let (none, bank, _) = try await funded(nil)
        #expect(step(none, bank, 2) == .open(Amount(fig: 20)!, end: 1_000))
        let (book, rich, id) = try await funded(10)
        let channel = try #require(id)
        #expect(step(book, rich, 10) == .use(channel))
        #expect(step(book, rich, 11) == .topUp(channel, Amount(seeds: (Amount(fig: 990)!.seeds - 1_000) / 10)))
        var asked = book
        asked.apply(
            .asked(.init(job: digest(1), channel: channel, node: key(1).publicKey, limit: Amount(fig: 4)!, height: 2)))
        #expect(step(asked, rich, 6) == .use(channel))
        #expect(step(asked, rich, 7) != .use(channel))
    }

    @Test("who has too little is told how much is needed; more than a tenth goes in only when one answer needs it")
    func poor() async throws {
        let (book, bank, _) = try await funded(nil, balance: 5)
        let fee = bank.state.parameters.minimumFee
        #expect(step(book, bank, 6) == .poor(needed: Amount(fig: 6)! + fee, balance: Amount(fig: 5)!))
        #expect(step(book, bank, 4) == .open(Amount(fig: 4)!, end: 1_000))
        #expect(step(book, bank, 0) == .open(bank.state.parameters.channelMinimum, end: 1_000))
        #expect(step(book, bank, 5) == .poor(needed: Amount(fig: 5)! + fee, balance: Amount(fig: 5)!))
    }

    @Test("an opening that is on its way is waited for, and given up after its time")
    func waiting() async throws {
        var (book, bank, _) = try await funded(nil)
        book.apply(.opening(digest(9), payee: account(1), height: 0))
        #expect(step(book, bank, 1) == .wait)
        try bank.pass(ChannelRules.patience)
        #expect(step(book, bank, 1) == .open(Amount(fig: 10)!, end: bank.height + 1_000))
        #expect(book.stale(in: bank.state, height: ChannelRules.mempoolLife).isEmpty)
        #expect(book.stale(in: bank.state, height: ChannelRules.mempoolLife + 1) == [digest(9)])
    }

    @Test("a channel that ends soon or is closing takes no new question; an idle one is closed once it owes nothing")
    func ends() async throws {
        var (book, bank, id) = try await funded(10)
        let channel = try #require(id)
        book.apply(
            .asked(.init(job: digest(1), channel: channel, node: key(1).publicKey, limit: Amount(fig: 1)!, height: 2)))
        try bank.pass(110)
        #expect(book.idle(in: bank.state, height: bank.height).isEmpty)
        book.apply(.paid(digest(1), Amount(fig: 1)!))
        #expect(book.idle(in: bank.state, height: bank.height).isEmpty)
        book.apply(.acknowledged(channel, Amount(fig: 1)!))
        #expect(book.idle(in: bank.state, height: bank.height) == [channel])
        #expect(step(book, bank, 1) == .use(channel))
        try await TestTeller(bank: bank, index: 0).submit(.closeChannel(channel))
        #expect(step(book, bank, 1) != .use(channel))
        #expect(book.idle(in: bank.state, height: bank.height).isEmpty)
    }
}
