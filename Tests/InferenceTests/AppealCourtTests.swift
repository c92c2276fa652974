import Inference
import Keys
import Ledger
import Proofs
import Testing

@Suite struct AppealCourtTests {
    private static let honestFive = Array(repeating: AuditCourt.Character.honest, count: 5)
    private static let alliedFive = Array(repeating: AuditCourt.Character.allied, count: 5)
    /// More than the fees of anybody in a test, less than anything else that somebody can lose.
    private static let fees: UInt64 = 1_000_000

    /// Stake that honest members have lost.
    private func honestLosses(_ court: AuditCourt, _ characters: [AuditCourt.Character]) -> [UInt64: UInt64] {
        court.losses.filter { $0.key >= 2 && characters[Int($0.key) - 2] == .honest }
    }

    @Test(
        "a whole committee of allies that confirms a wrong answer loses member after member, and then the provider",
        arguments: 0..<4 as Range<UInt64>)
    func allAllied(seed: UInt64) throws {
        var court = try AuditCourt(Self.alliedFive, seed: seed, client: .honest)
        let exchange = Exchange.fake(price: 1_000) { $0[2] ^= 1 }
        try court.record(exchange)
        try court.run()
        #expect(court.outcome(of: exchange.receipt.answer) == .faulty)
        #expect(court.losses.keys.sorted() == [1, 2, 3, 4, 5, 6], "seed \(seed)")
        #expect((2..<7).allSatisfy { court.losses[$0] == court.state.parameters.answers.falsehoodSlash.seeds })
    }

    @Test(
        "a planted fault costs allies that confirm it their stake, and the provider nothing",
        arguments: 0..<4 as Range<UInt64>)
    func plantedAmongAllies(seed: UInt64) throws {
        var court = try AuditCourt(Self.alliedFive, seed: seed, client: .planting)
        let exchange = Exchange.fake(price: 1_000, isPlanted: true) { $0[2] ^= 1 }
        try court.record(exchange)
        try court.run()
        #expect(court.outcome(of: exchange.receipt.answer) == .unaudited)
        #expect(court.losses.keys.sorted() == [2, 3, 4, 5, 6], "seed \(seed)")
    }

    @Test(
        "a planted fault costs honest members nothing and is paid to them; the provider keeps its stake",
        arguments: 0..<4 as Range<UInt64>)
    func plantedAmongHonest(seed: UInt64) throws {
        var court = try AuditCourt(Self.honestFive, seed: seed, client: .planting)
        let before = (2..<7 as Range<UInt64>).map { court.state.account(account($0))!.balance.seeds }
        let exchange = Exchange.fake(price: 100_000_000, isPlanted: true) { $0[2] ^= 1 }
        try court.record(exchange)
        try court.run()
        #expect(court.outcome(of: exchange.receipt.answer) == .planted && court.losses.isEmpty, "seed \(seed)")
        let after = (2..<7 as Range<UInt64>).map { court.state.account(account($0))!.balance.seeds }
        #expect(zip(before, after).allSatisfy { $0 < $1 })
    }

    @Test(
        "a client that appeals against an honest committee loses its bond to one of them, once",
        arguments: 0..<4 as Range<UInt64>)
    func griefing(seed: UInt64) throws {
        var court = try AuditCourt(Self.honestFive, seed: seed, client: .griefing)
        let exchange = Exchange.fake(price: 1_000)
        try court.record(exchange)
        try court.run()
        #expect(court.outcome(of: exchange.receipt.answer) == .upheld && court.losses.isEmpty, "seed \(seed)")
        let ends = court.events.count { if case .disputeEnded = $0 { true } else { false } }
        #expect(ends == 1)
    }

    @Test(
        "a committee that slanders a right answer loses member after member, and the provider has its stake back",
        arguments: 0..<4 as Range<UInt64>)
    func slander(seed: UInt64) throws {
        for isAccused in [false, true] {
            let characters = [.honest] + Array(repeating: AuditCourt.Character.conspirator, count: 4)
            var court = try AuditCourt(characters, seed: seed)
            let exchange = Exchange.fake(price: 1_000)
            let before = (0..<7).map { court.wealth(of: $0) }
            if isAccused { try court.accuse(exchange) } else { try court.record(exchange) }
            try court.run()
            let falsehood = court.state.parameters.answers.falsehoodSlash.seeds
            #expect(court.outcome(of: exchange.receipt.answer) == .upheld)
            // Half of each slash; of a false accuser's bond what the committee's one right member leaves.
            #expect(court.wealth(of: 1) + Self.fees > before[1] + 2 * falsehood, "seed \(seed)")
            #expect(court.wealth(of: 2) + Self.fees > before[2], "seed \(seed)")
            #expect((3..<7).allSatisfy { court.wealth(of: $0) <= before[$0] - falsehood }, "seed \(seed)")
            if isAccused { #expect(court.wealth(of: 0) <= before[0] - falsehood + Self.fees) }
        }
    }

    @Test(
        "allies that confirm a right answer with a made-up value are slashed by the one that has computed it",
        arguments: 0..<4 as Range<UInt64>, [AuditCourt.Client.indifferent, .griefing])
    func madeUp(seed: UInt64, client: AuditCourt.Client) throws {
        let characters = [.honest] + Array(repeating: AuditCourt.Character.allied, count: 4)
        var court = try AuditCourt(characters, seed: seed, client: client)
        let exchange = Exchange.fake(price: 1_000)
        let before = (0..<7).map { court.wealth(of: $0) }
        try court.record(exchange)
        try court.run()
        let falsehood = court.state.parameters.answers.falsehoodSlash.seeds
        #expect(
            court.wealth(of: 1) + Self.fees > before[1] && court.wealth(of: 2) + Self.fees > before[2], "seed \(seed)")
        #expect((3..<7).allSatisfy { court.losses[$0, default: 0] >= falsehood }, "seed \(seed)")
    }

    @Test(
        "a guilty provider that appeals loses its bond to one honest member, whoever else throws a dispute for it",
        arguments: 0..<8 as Range<UInt64>)
    func guilty(seed: UInt64) throws {
        let characters: [AuditCourt.Character] = [.honest, .conspirator, .conspirator, .conspirator, .conspirator]
        var court = try AuditCourt(seed < 4 ? Self.honestFive : characters, seed: seed, provider: .stubborn)
        let exchange = Exchange.fake(price: 1_000) { $0[2] ^= 1 }
        let before = (0..<7).map { court.wealth(of: $0) }
        try court.record(exchange)
        try court.run()
        #expect(court.outcome(of: exchange.receipt.answer) == .faulty)
        let gang = [1] + (2..<7).filter { seed >= 4 && characters[$0 - 2] != .honest }
        #expect(gang.reduce(0) { $0 + court.wealth(of: $1) } < gang.reduce(0) { $0 + before[$1] }, "seed \(seed)")
        if seed < 4 {
            #expect(court.wealth(of: 1) + court.state.parameters.answers.bond(of: .zero).seeds < before[1])
            #expect((2..<7).allSatisfy { court.wealth(of: $0) + Self.fees > before[$0] }, "seed \(seed)")
        }
    }

    @Test("any mixture of members and clients: nobody honest loses stake to an audit, an appeal or a plant")
    func mixtures() throws {
        var dice = SeededGenerator(seed: 5)
        var (appeals, pleas, acquittals) = (0, 0, 0)
        for seed in 0..<120 as Range<UInt64> {
            let mosts: [[AuditCourt.Character]] = [
                [.honest, .honest], [.allied, .allied], [.conspirator, .conspirator], [],
            ]
            let most = mosts[Int(dice.next(below: 4))]
            let kinds = most + most + [.honest, .allied, .lazy, .silent, .conspirator]
            let characters = (0..<5).map { _ in kinds[Int(dice.next(below: UInt64(kinds.count)))] }
            let clients = AuditCourt.Client.allCases + [.planting, .planting]
            let client = clients[Int(dice.next(below: 6))]
            let isRight = client != .planting && dice.next(below: 2) == 0
            var court = try AuditCourt(characters, seed: seed, client: client)
            let exchange = Exchange.fake(price: 1_000, isPlanted: client == .planting) { if !isRight { $0[2] ^= 1 } }
            let (before, provided) = (characters.indices.map { court.wealth(of: $0 + 2) }, court.wealth(of: 1))
            if dice.next(below: 2) == 0 { try court.record(exchange) } else { try court.accuse(exchange) }
            try court.run()
            let outvoted = court.events.contains {
                if case .answerConfirmed(_, let upholders, _) = $0 {
                    upholders.contains { characters[court.number(of: $0) - 2] == .allied }
                } else {
                    false
                }
            }
            let outcome = court.outcome(of: exchange.receipt.answer)
            // Of wrong answers a committee may say that they are wrong without having looked, and nobody is there to appeal against that.
            let isSlandered = court.events.contains {
                guard case .answerAudited(let audited) = $0, case .faulty(_, let made)? = audited.finding else {
                    return false
                }
                return made.value == AuditCourt.agreed
            }
            let text = "seed \(seed): \(characters), \(client), \(isRight)"
            let confirmed = court.events.contains { if case .answerConfirmed = $0 { true } else { false } }
            // A committee of allies is a committee: an honest member among it that has computed something else is in its minority, and has its
            // stake back when the others are appealed against.
            if !outvoted, !isSlandered { #expect(honestLosses(court, characters).isEmpty, "\(text)") }
            for member in characters.indices where characters[member] == .honest {
                if isSlandered && !isRight { continue }
                #expect(court.wealth(of: member + 2) + Self.fees > before[member], "\(text)")
            }
            if isRight { #expect(court.wealth(of: 1) + Self.fees > provided && outcome != .faulty, "\(text)") }
            if client == .planting { #expect(court.losses[1] == nil, "\(text)") }
            if !isRight, confirmed, client == .honest { #expect(court.losses[1] != nil, "\(text)") }
            appeals += court.events.count { if case .disputeEnded = $0 { true } else { false } }
            pleas += outcome == .planted ? 1 : 0
            acquittals += isSlandered && outcome == .upheld ? 1 : 0
        }
        #expect(appeals > 10, "\(appeals) appeals")
        #expect(pleas > 0, "\(pleas) pleas")
        #expect(acquittals > 0, "\(acquittals) acquittals")
    }
}
