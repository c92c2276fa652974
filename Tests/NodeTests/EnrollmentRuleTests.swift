import Keys
import Ledger
import Node
import Testing

@Suite struct EnrollmentRuleTests {
    private func fig(_ amount: UInt64) -> Amount { Amount(seeds: amount * Town.fig) }
    private let fee = Parameters().minimumFee

    private func isRegistration(_ operation: Operation?, of town: Town, at time: UInt64) -> Bool {
        guard case .registerNode(let certificate) = operation else { return false }
        return certificate.account == town.ours.accountID && certificate.node == town.ours.node.publicKey
            && certificate.isValid(at: time)
    }

    @Test(arguments: [false, true])
    func whoHasNoNodeKeyRegistersIt(trains: Bool) throws {
        var town = try Town(balance: fig(10), issued: nil)
        try town.post(stake: fig(1))
        let operation = town.next(trains: trains)
        #expect(isRegistration(operation, of: town, at: town.time))
        #expect(try town.block(try #require(operation), by: town.ours).failure == nil)
        #expect(town.next(trains: false) == nil)
    }

    @Test func whoHasAnotherNodeKeyRegistersItsOwn() throws {
        let town = try Town(balance: fig(10), node: Town.identity("former"))
        #expect(isRegistration(town.next(trains: false), of: town, at: town.time))
    }

    @Test func aCertificateIsRenewedInItsLastThirtyDays() throws {
        let town = try Town(balance: fig(10))
        let end = Town.start + NodeCertificate.longestLife
        #expect(EnrollmentRule.renewal == 30 * 24 * 60 * 60)
        #expect(town.next(trains: false, at: Town.start) == nil)
        #expect(town.next(trains: false, at: end - EnrollmentRule.renewal) == nil)
        for time in [end - EnrollmentRule.renewal + 1, end, end + 1] {
            #expect(isRegistration(town.next(trains: false, at: time), of: town, at: time))
        }
    }

    @Test func whoHasNoMoneyDoesNothing() throws {
        #expect(try Town(balance: nil).next() == nil)
        for balance in [Amount.zero, Amount(seeds: 1), fee] {
            var town = try Town(balance: balance, issued: nil)
            try town.post(stake: fig(1))
            #expect(town.next() == nil)
        }
        #expect(try Town(balance: fee.adding(Amount(seeds: 1)), issued: nil).next() != nil)
    }

    @Test func whoDoesNotTrainJoinsNothing() throws {
        var town = try Town(balance: fig(1_000), stake: fig(100))
        try town.post(stake: fig(1))
        #expect(town.next(trains: false) == nil)
    }

    @Test func withoutAJobThereIsNothingToDo() throws {
        #expect(try Town(balance: fig(1_000)).next() == nil)
    }

    @Test func theWantedStakeIsPutThereOnceAndOnlyWithTheMoneyForIt() throws {
        var town = try Town(balance: fig(50), stake: fig(30))
        #expect(town.next(trains: false, stake: fig(100)) == nil)
        #expect(town.next(trains: false, stake: fig(60)) == .stake(fig(30)))
        // Less than anybody may have at stake becomes that.
        #expect(
            try Town(balance: fig(50)).next(trains: false, stake: Amount(seeds: 1)) == .stake(Parameters().memberStake))
        #expect(try town.block(.stake(fig(30)), by: town.ours).failure == nil)
        #expect(town.next(trains: false, stake: fig(60)) == nil)
    }

    @Test func aJobIsJoinedOnceTheStakeIsThere() throws {
        var town = try Town(balance: fig(1_000), stake: fig(30))
        let job = try town.post(stake: fig(100))
        #expect(town.next() == .stake(fig(70)))
        #expect(try town.block(.stake(fig(70)), by: town.ours).failure == nil)
        #expect(town.next() == .joinJob(job))
        #expect(try town.block(.joinJob(job), by: town.ours).failure == nil)
        #expect(town.next() == nil)
    }

    @Test func theLastPlaceIsTakenAndAFullJobLeftAlone() throws {
        var town = try Town(balance: fig(1_000), stake: fig(100))
        let job = try town.post(stake: fig(1), trainers: 2)
        try town.block(.joinJob(job), by: town.rich)
        #expect(town.next() == .joinJob(job))
        try town.block(.joinJob(job), by: town.other)
        #expect(town.state.job(job)?.phase == .training)
        #expect(town.next() == nil)
    }

    @Test func theMoneyMustCoverTheStakeAndTheFee() throws {
        let enough = try #require(fig(100).adding(fee))
        var town = try Town(balance: enough)
        try town.post(stake: fig(100))
        #expect(town.next() == .stake(fig(100)))
        #expect(try town.block(.stake(fig(100)), by: town.ours).failure == nil)

        var poorer = try Town(balance: Amount(seeds: enough.seeds - 1))
        try poorer.post(stake: fig(100))
        #expect(poorer.next() == nil)
    }

    @Test func aSmallStakeIsRaisedToWhatTheLedgerDemandsOfAnybody() throws {
        var town = try Town(balance: fig(10))
        let job = try town.post(stake: Amount(seeds: 80))
        #expect(town.next() == .stake(town.state.parameters.memberStake))
        #expect(try town.block(.stake(town.state.parameters.memberStake), by: town.ours).failure == nil)
        #expect(town.next() == .joinJob(job))
    }

    @Test func aJobThatIsTooDearDoesNotHideAnother() throws {
        for stakes in [[fig(500), fig(10)], [fig(10), fig(500)]] {
            var town = try Town(balance: fig(100))
            for stake in stakes { try town.post(stake: stake) }
            #expect(town.next() == .stake(fig(10)))
        }
    }

    @Test func whoIsBannedJoinsNothing() throws {
        var town = try Town(balance: fig(1_000), stake: fig(100))
        try town.post(stake: fig(1))
        #expect(town.next() != nil)
        try town.block(
            .transfer(to: town.other.accountID, amount: fig(1)), by: town.rich,
            offences: [Offence(account: town.ours.accountID, height: 1)])
        #expect(town.state.account(town.ours.accountID)?.isBanned == true)
        #expect(town.next() == nil)
    }

    @Test func whoAuditsIsOnTheListWithTheStakeForItAndLeavesItWhenItAuditsNoMore() throws {
        var town = try Town(balance: fig(200), stake: fig(50))
        #expect(town.next(trains: false, audits: true) == nil)
        #expect(town.next(trains: false, stake: fig(120), audits: true) == .stake(fig(70)))
        #expect(try town.block(.stake(fig(70)), by: town.ours).failure == nil)
        #expect(town.rule(audits: true).leave(town.state) == nil)
        #expect(town.next(trains: false, stake: fig(120), audits: true) == .volunteer(true))
        // Less than it wants, and no money for more: still enough for the list.
        #expect(town.next(trains: false, stake: fig(1_000), audits: true) == .volunteer(true))
        #expect(try town.block(.volunteer(true), by: town.ours).failure == nil)
        #expect(town.state.auditors == [town.ours.accountID])
        #expect(town.next(trains: false, stake: fig(120), audits: true) == nil)
        #expect(town.rule(audits: true).leave(town.state) == .volunteer(false))
        #expect(town.next(trains: false, stake: fig(120)) == .volunteer(false))
        #expect(try town.block(.volunteer(false), by: town.ours).failure == nil)
        #expect(town.next(trains: false, stake: fig(120)) == nil)
    }
}
