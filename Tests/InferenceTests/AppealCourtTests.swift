import Inference
import Keys
import Ledger
import Proofs
import Testing

@Suite struct AppealCourtTests {
    private static let honestFive = Array(repeating: AuditCourt.Character.honest, count: 5)
    private static let alliedFive = Array(repeating: AuditCourt.Character.allied, count: 5)

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

    @Test("any mixture of members and clients: nobody honest loses stake to an audit, an appeal or a plant")
    func mixtures() throws {
        var dice = SeededGenerator(seed: 5)
        var (appeals, pleas) = (0, 0)
        for seed in 0..<80 as Range<UInt64> {
            // Honest ones and those that confirm: whoever speaks against right answers needs two thirds, and is for other tests.
            let most: [AuditCourt.Character] = [[.honest, .honest], [.allied, .allied], []][Int(dice.next(below: 3))]
            let kinds = most + most + [.honest, .allied, .lazy, .silent]
            let characters = (0..<5).map { _ in kinds[Int(dice.next(below: UInt64(kinds.count)))] }
            let clients = AuditCourt.Client.allCases + [.planting, .planting]
            let client = clients[Int(dice.next(below: 6))]
            let isRight = client != .planting && dice.next(below: 2) == 0
            var court = try AuditCourt(characters, seed: seed, client: client)
            let exchange = Exchange.fake(price: 1_000, isPlanted: client == .planting) { if !isRight { $0[2] ^= 1 } }
            let before = characters.indices.map { court.wealth(of: $0 + 2) }
            if dice.next(below: 2) == 0 { try court.record(exchange) } else { try court.accuse(exchange) }
            try court.run()
            let outvoted = court.events.contains {
                if case .answerConfirmed(_, let upholders, _) = $0 {
                    upholders.contains { characters[court.number(of: $0) - 2] == .allied }
                } else {
                    false
                }
            }
            let text = "seed \(seed): \(characters), \(client), \(isRight)"
            let confirmed = court.events.contains { if case .answerConfirmed = $0 { true } else { false } }
            // A committee of allies is a committee: an honest member among it that has computed something else is in its minority, and has its
            // stake back when the others are appealed against.
            if !outvoted { #expect(honestLosses(court, characters).isEmpty, "\(text)") }
            for member in characters.indices where characters[member] == .honest && outvoted && !isRight {
                #expect(court.wealth(of: member + 2) + 1_000_000 > before[member], "\(text)")
            }
            if isRight || client == .planting { #expect(court.losses[1] == nil, "\(text)") }
            if !isRight, confirmed, client == .honest { #expect(court.losses[1] != nil, "\(text)") }
            appeals += court.events.count { if case .disputeEnded = $0 { true } else { false } }
            pleas += court.outcome(of: exchange.receipt.answer) == .planted ? 1 : 0
        }
        #expect(appeals > 10, "\(appeals) appeals")
        #expect(pleas > 0, "\(pleas) pleas")
    }
}
