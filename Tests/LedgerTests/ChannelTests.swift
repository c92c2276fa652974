import Keys
import Ledger
import Testing
import Wire

@Suite struct ChannelTests {
    private let deposit = Amount(fig: 10)!

    /// A channel from account 1 to account 2, with vouchers of the payer's node key.
    private func opened(expiry: UInt64 = 1_000, challenge: UInt64 = 20) throws -> (TestLedger, Digest) {
        var ledger = try TestLedger { $0.channelChallengeBlocks = challenge }
        let terms = ChannelTerms(
            payee: ledger.id(2), signer: ledger.nodes[1].publicKey, deposit: deposit, expiry: expiry)
        try ledger.block([(1, .openChannel(terms))])
        return (ledger, try #require(ledger.channels.first))
    }

    private func voucher(_ channel: Digest, _ fig: UInt64, by key: SigningKey) -> Operation {
        .claimChannel(.sign(Voucher(channel: channel, amount: Amount(fig: fig)!), with: key))
    }

    @Test(
        "a claim pays what the voucher says beyond the last one, 70 to the payee, 20 to the audit pool, 10 to the treasury"
    )
    func claims() throws {
        var (ledger, id) = try opened()
        let key = ledger.nodes[1]
        let before = ledger.account(2).balance.seeds
        let treasury = ledger.state.supply.treasury.seeds
        #expect(try ledger.attempt(voucher(id, 3, by: key), by: 2) == nil)
        #expect(ledger.state.channel(id)?.claimed == Amount(fig: 3)!)
        #expect(try ledger.attempt(voucher(id, 3, by: key), by: 2) != nil)
        #expect(try ledger.attempt(voucher(id, 2, by: key), by: 2) != nil)
        #expect(try ledger.attempt(voucher(id, 7, by: key), by: 2) == nil)
        #expect(ledger.account(2).balance.seeds == before + 4_900_000_000 - 4 * 1_000)
        #expect(ledger.state.auditPool.seeds == 1_400_000_000)
        #expect(ledger.state.supply.treasury.seeds == treasury + 700_000_000)
        #expect(ledger.state.supply.channels == Amount(fig: 3)!)
    }

    @Test("a voucher above the deposit pays the deposit, and the rest after a top-up")
    func aboveDeposit() throws {
        var (ledger, id) = try opened()
        let key = ledger.nodes[1]
        #expect(try ledger.attempt(voucher(id, 15, by: key), by: 2) == nil)
        #expect(ledger.state.channel(id)?.rest == .zero)
        #expect(try ledger.attempt(.topUpChannel(id, .zero), by: 1) == "the amount is zero")
        #expect(try ledger.attempt(.topUpChannel(id, Amount(fig: 5)!), by: 2) != nil)
        #expect(try ledger.attempt(.topUpChannel(id, Amount(fig: 2_000_000)!), by: 1) != nil)
        #expect(try ledger.attempt(.topUpChannel(id, Amount(fig: 8)!), by: 1) == nil)
        #expect(try ledger.attempt(voucher(id, 15, by: key), by: 2) == nil)
        #expect(ledger.state.channel(id)?.rest == Amount(fig: 3)!)
    }

    @Test("claiming in many steps or in one comes to the same", arguments: 0..<20 as Range<UInt64>)
    func steps(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var (ledger, id) = try opened()
        let key = ledger.nodes[1]
        var amount: UInt64 = 0
        for _ in 0..<12 {
            amount += 1 + random.next(below: 40)
            let signed = SignedVoucher.sign(Voucher(channel: id, amount: Amount(seeds: amount)), with: key)
            #expect(try ledger.attempt(.claimChannel(signed), by: 2) == nil)
        }
        let paid = TestLedger.balance.seeds + amount * 7_000 / 10_000 - 12 * 1_000
        #expect(ledger.account(2).balance.seeds == paid)
        #expect(ledger.state.auditPool.seeds == (amount - amount * 7_000 / 10_000) * 2 / 3)
    }

    @Test("a voucher counts for its channel, with the channel's key, in the payee's hands, and with no bit changed")
    func vouchers() throws {
        var (ledger, id) = try opened()
        let key = ledger.nodes[1]
        let good = SignedVoucher.sign(Voucher(channel: id, amount: Amount(fig: 3)!), with: key)
        for stranger in [ledger.roots[1], ledger.nodes[2], ledger.roots[2]] {
            #expect(try ledger.attempt(voucher(id, 3, by: stranger), by: 2) != nil)
        }
        #expect(try ledger.attempt(.claimChannel(good), by: 1) == "only the payee of the channel may do this")
        #expect(try ledger.attempt(.claimChannel(good), by: 3) == "only the payee of the channel may do this")
        #expect(try ledger.attempt(voucher(.zero, 3, by: key), by: 2) != nil)
        let bytes = good.canonicalBytes
        for bit in 0..<bytes.count * 8 {
            var wrong = bytes
            wrong[bit / 8] ^= 1 << UInt8(bit % 8)
            let changed = try SignedVoucher(canonicalBytes: wrong)
            #expect(!changed.isSigned(by: key.publicKey))
            if bit % 16 == 0 { #expect(try ledger.attempt(.claimChannel(changed), by: 2) != nil) }
        }
        for length in 0..<bytes.count {
            #expect(throws: WireError.self) { try SignedVoucher(canonicalBytes: Array(bytes[..<length])) }
        }
        // The same terms opened again, and on another chain, are other channels.
        let terms = ChannelTerms(payee: ledger.id(2), signer: key.publicKey, deposit: deposit, expiry: 1_000)
        try ledger.block([(1, .openChannel(terms))])
        #expect(ledger.channels[1] != id)
        var other = try TestLedger { $0.channelChallengeBlocks = 21 }
        try other.block([(1, .openChannel(terms))])
        #expect(other.channels[0] != id)
        #expect(try other.attempt(.claimChannel(good), by: 2) != nil)
        #expect(ledger.state.channel(id)?.claimed == .zero)
        #expect(try ledger.attempt(.claimChannel(good), by: 2) == nil)
    }

    @Test("a channel needs its deposit and lives as long as a challenge at least")
    func terms() throws {
        var ledger = try TestLedger { $0.channelChallengeBlocks = 20 }
        func terms(_ deposit: Amount, _ expiry: UInt64) -> Operation {
            .openChannel(
                ChannelTerms(payee: ledger.id(2), signer: ledger.nodes[1].publicKey, deposit: deposit, expiry: expiry))
        }
        #expect(try ledger.attempt(terms(Amount(seeds: 99_999_999), 100), by: 1) != nil)
        #expect(try ledger.attempt(terms(Amount(fig: 2_000_000)!, 100), by: 1) != nil)
        #expect(try ledger.attempt(terms(deposit, 0), by: 1) != nil)
        #expect(try ledger.attempt(terms(deposit, ledger.height + 20), by: 1) != nil)
        #expect(ledger.channels.isEmpty)
        #expect(try ledger.attempt(terms(deposit, ledger.height + 21), by: 1) == nil)
        #expect(try ledger.attempt(terms(Amount(seeds: 100_000_000), .max), by: 1) == nil)
    }

    @Test("the payee closes at once; what is left goes back")
    func closedByPayee() throws {
        var (ledger, id) = try opened()
        #expect(try ledger.attempt(voucher(id, 4, by: ledger.nodes[1]), by: 2) == nil)
        let payer = ledger.account(1).balance
        #expect(try ledger.attempt(.closeChannel(id), by: 3) == "only the payer of the channel may do this")
        #expect(try ledger.attempt(.closeChannel(id), by: 2) == nil)
        #expect(ledger.account(1).balance == payer + Amount(fig: 6)!)
        #expect(ledger.state.channel(id) == nil)
        #expect(try ledger.attempt(voucher(id, 9, by: ledger.nodes[1]), by: 2) != nil)
        let balance = ledger.account(1).balance
        try ledger.skip(to: 1_001)
        #expect(ledger.account(1).balance == balance)  // The expiry pays nothing a second time.
    }

    @Test("after the payer closes, the payee has the challenge to claim in; then the rest goes back, once")
    func closedByPayer() throws {
        var (ledger, id) = try opened()
        #expect(try ledger.attempt(.closeChannel(id), by: 1) == nil)
        let end = try #require(ledger.state.channel(id)).end
        #expect(end == ledger.height + 20)
        #expect(try ledger.attempt(.closeChannel(id), by: 1) == "the channel is being closed")
        #expect(try ledger.attempt(.topUpChannel(id, deposit), by: 1) == "the channel is being closed")
        try ledger.skip(to: end - 2)
        #expect(try ledger.attempt(voucher(id, 4, by: ledger.nodes[1]), by: 2) == nil)
        #expect(ledger.height == end - 1)
        let balance = ledger.account(1).balance
        #expect(try ledger.attempt(voucher(id, 5, by: ledger.nodes[1]), by: 2) != nil)
        #expect(ledger.account(1).balance == balance + Amount(fig: 6)!)
        try ledger.skip(to: 1_001)
        #expect(ledger.account(1).balance == balance + Amount(fig: 6)!)
    }

    @Test("a channel that nobody closes ends at its expiry; closing shortly before makes it no longer")
    func expiry() throws {
        for closes in [false, true] {
            var (ledger, id) = try opened(expiry: 30)
            try ledger.skip(to: 25)
            if closes { #expect(try ledger.attempt(.closeChannel(id), by: 1) == nil) }
            try ledger.skip(to: 29)
            #expect(ledger.state.channel(id)?.rest == deposit)
            try ledger.block()
            #expect(ledger.state.channel(id) == nil)
            #expect(ledger.state.supply.channels == .zero)
        }
    }
}
