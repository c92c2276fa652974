import Inference
import Keys
import Ledger
import Proofs
import Testing

@Suite struct AuditCourtTests {
    private static let bad: [AuditCourt.Character] = [.absent, .silent, .lazy, .copier, .slanderer]

    @Test("honest members agree, are paid, and lose nothing, however late transactions are and whoever is killed")
    func honest() throws {
        for seed in 0..<6 as Range<UInt64> {
            var court = try AuditCourt(Array(repeating: .honest, count: 5), seed: seed)
            try court.record(.fake(nonce: 0, price: 1_000))
            try court.record(.fake(nonce: 1, price: 1_000) { $0[3] ^= 1 })
            try court.run()
            #expect(
                court.answers.map(court.outcome).map { $0 ?? .unaudited }.sorted { $0.rawValue < $1.rawValue } == [
                    .correct, .faulty,
                ])
            #expect(court.losses.keys.sorted() == [1], "seed \(seed)")
        }
    }

    @Test("of five members one is bad: it alone loses stake, and the outcome is right", arguments: bad)
    func oneBad(_ character: AuditCourt.Character) throws {
        for seed in 0..<3 as Range<UInt64> {
            for isRight in [true, false] {
                var court = try AuditCourt([.honest, .honest, character, .honest, .honest], seed: seed)
                let exchange = Exchange.fake(price: 1_000) { if !isRight { $0[2] ^= 1 } }
                try court.record(exchange)
                try court.run()
                #expect(court.outcome(of: exchange.receipt.answer) == (isRight ? .correct : .faulty))
                #expect(court.losses.keys.sorted() == (isRight ? [4] : [1, 4]), "seed \(seed), \(character)")
            }
        }
    }

    @Test("any mixture: nobody honest loses stake, no right answer is condemned, no wrong one is confirmed")
    func mixtures() throws {
        var dice = SeededGenerator(seed: 3)
        var punished = 0
        for seed in 0..<60 as Range<UInt64> {
            let characters = (0..<5).map { _ in
                dice.next(below: 2) == 0
                    ? .honest
                    : AuditCourt.Character.allCases[Int(dice.next(below: UInt64(AuditCourt.Character.allCases.count)))]
            }
            let isRight = dice.next(below: 2) == 0
            // Four of five decide, whatever they say: the rules are for fewer bad ones than that.
            guard characters.count(where: { $0 == .slanderer || $0 == .conspirator }) < 4 else { continue }
            var court = try AuditCourt(characters, seed: seed)
            let exchange = Exchange.fake(price: 1_000) { if !isRight { $0[2] ^= 1 } }
            if dice.next(below: 2) == 0 { try court.record(exchange) } else { try court.accuse(exchange) }
            try court.run()
            for (number, loss) in court.losses where number >= 2 {
                #expect(characters[Int(number) - 2].isPunishable, "seed \(seed): \(characters) \(number) lost \(loss)")
                punished += 1
            }
            let outcome = court.outcome(of: exchange.receipt.answer)
            #expect(outcome != (isRight ? .faulty : .correct), "seed \(seed): \(characters)")
            if isRight { #expect(court.losses[1] == nil, "seed \(seed): \(characters)") }
        }
        #expect(punished > 20)
    }

    @Test("a false accuser pays the committee and the provider; an answer that nobody shows costs the provider")
    func accusations() throws {
        var court = try AuditCourt(Array(repeating: .honest, count: 5), seed: 1)
        let exchange = Exchange.fake(price: 1_000)
        let before = (0..<7 as Range<UInt64>).map { court.state.account(account($0))!.balance.seeds }
        try court.accuse(exchange)
        try court.run()
        let after = (0..<7 as Range<UInt64>).map { court.state.account(account($0))!.balance.seeds }
        #expect(court.outcome(of: exchange.receipt.answer) == .correct && court.losses.isEmpty)
        let bond = court.state.parameters.answers.bond(of: exchange.record.payment)
        #expect(after[0] < before[0] - bond.seeds / 2 && after[1] > before[1])
        #expect((2..<7).allSatisfy { after[$0] > before[$0] })

        var hiding = try AuditCourt(Array(repeating: .honest, count: 5), seed: 2, shows: false)
        try hiding.record(exchange)
        try hiding.run()
        #expect(hiding.outcome(of: exchange.receipt.answer) == .unavailable)
        #expect(hiding.losses.keys.sorted() == [1])
    }

    @Test("a committee without the model decides nothing and punishes nobody")
    func unequipped() throws {
        var court = try AuditCourt(Array(repeating: .unequipped, count: 5), seed: 1)
        let exchange = Exchange.fake(price: 1_000)
        try court.record(exchange)
        try court.run()
        #expect(court.outcome(of: exchange.receipt.answer) == nil && court.losses.isEmpty)
    }
}
