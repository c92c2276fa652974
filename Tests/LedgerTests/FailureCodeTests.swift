import Keys
import Ledger
import Testing

@Suite struct FailureCodeTests {
    @Test("the results root holds the kind of a failure and not its text or its numbers")
    func leaf() throws {
        var first = try TestLedger()
        var second = try TestLedger()
        let amount = Amount(fig: 2_000_000)!
        let one = try first.block([(2, .transfer(to: first.id(1), amount: amount))]).results[0]
        try second.block([(3, .transfer(to: second.id(2), amount: Amount(fig: 1)!))])
        let two = try second.block([(2, .transfer(to: second.id(1), amount: amount))]).results[0]
        #expect(one.failure != two.failure)
        #expect(one.leaf == two.leaf)
        #expect(one.code == 1)
        let good = try first.block([(4, .transfer(to: first.id(1), amount: Amount(seeds: 1)))]).results[0]
        #expect(good.code == 0)
        #expect(good.leaf.count == 34)
    }

    @Test("a validator is none from the second on at which its certificate ends")
    func expiredValidator() throws {
        let ledger = try TestLedger()
        let end = TestLedger.start + NodeCertificate.longestLife * 1000
        #expect(ledger.state.validators(at: end - 1).count == 6)
        #expect(ledger.state.validators(at: end).isEmpty)
    }

    @Test("parameters that contradict each other start no chain")
    func parameters() {
        let changes: [@Sendable (inout Parameters) -> Void] = [
            { $0.providerShare = 7_001 }, { $0.treasuryShare = 0 }, { $0.channelChallengeBlocks = 0 },
            { $0.channelChallengeBlocks = .max }, { $0.answers.auditShare = 0 }, { $0.answers.auditShare = 10_001 },
            { $0.answers.committee = 0 }, { $0.answers.committee = 65 }, { $0.answers.window = 0 },
            { $0.answers.commitWindow = 0 }, { $0.answers.revealWindow = 0 }, { $0.answers.appealWindow = 0 },
            { $0.answers.pleaWindow = 0 },
            { $0.answers.equivocationSlash = 10_001 },
        ]
        for change in changes { #expect(throws: GenesisError.self) { try TestLedger(change) } }
    }
}
