import Consensus
import Foundation
import Keys
import Testing

@Suite("Proposer priority")
struct ProposerPriorityTests {
    struct History: Decodable {
        struct Entry: Decodable, Equatable {
            let addr: String
            let power: UInt64
            let priority: Int64
        }
        struct Operation: Decodable {
            let op: String
            let changes: [String: UInt64]?
            let err: Bool?
            let proposer: String?
            let after: [Entry]
        }
        let name: String
        let `init`: [String: UInt64]
        let ops: [Operation]
    }

    static let histories: [History] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/proposer-priority/proposer-priority.json")
        return try! JSONDecoder().decode([History].self, from: Data(contentsOf: file))
    }()

    static func id(_ address: String) -> ValidatorID {
        AccountID(PublicKey(bytes: [UInt8](repeating: 0, count: 31) + [UInt8(address, radix: 16)!])!)
    }

    static func changes(_ powers: [String: UInt64]) -> [ValidatorChange] {
        powers.sorted { $0.key < $1.key }.map { ValidatorChange(id: id($0), key: id($0).key, power: $1) }
    }

    static func entries(_ set: ValidatorSet) -> [History.Entry] {
        set.validators.map {
            let byte = $0.id.key.bytes[31]
            return History.Entry(
                addr: (byte < 16 ? "0" : "") + String(byte, radix: 16), power: $0.power, priority: $0.priority)
        }
    }

    @Test("all 36 histories of CometBFT's own code come out the same after every step, errors included")
    func goldenVectors() throws {
        var steps: [String: Int] = [:]
        for history in Self.histories {
            var set = try ValidatorSet(Self.changes(history.`init`))
            for operation in history.ops {
                steps[operation.op, default: 0] += 1
                switch operation.op {
                case "new": break
                case "advance": set.advance()
                case "update":
                    let before = set
                    let changes = Self.changes(try #require(operation.changes))
                    if operation.err == true {
                        #expect(throws: ValidatorSet.Problem.self) { try set.update(changes) }
                        #expect(set == before)
                        steps["error", default: 0] += 1
                    } else {
                        try set.update(changes)
                    }
                default: Issue.record("unknown operation \(operation.op)")
                }
                #expect(Self.entries(set) == operation.after, "\(history.name)")
                if let proposer = operation.proposer { #expect(set.proposer == Self.id(proposer), "\(history.name)") }
            }
        }
        // Every vector was used.
        #expect(Self.histories.count == 36)
        #expect(steps == ["new": 36, "advance": 526, "update": 269, "error": 57])
    }

    @Test("refused changes: a duplicate, a stranger's removal, everybody's removal, too much power alone or together")
    func errors() throws {
        var set = try ValidatorSet(Self.changes(["01": 5, "02": 5]))
        let before = set
        let limit = ValidatorSet.powerLimit
        func change(_ address: String, _ power: UInt64) -> ValidatorChange {
            ValidatorChange(id: Self.id(address), key: Self.id(address).key, power: power)
        }
        #expect(throws: ValidatorSet.Problem.duplicate(Self.id("01"))) {
            try set.update([change("01", 1), change("01", 2)])
        }
        #expect(throws: ValidatorSet.Problem.removalOfStranger(Self.id("03"))) { try set.update([change("03", 0)]) }
        #expect(throws: ValidatorSet.Problem.empty) { try set.update([change("01", 0), change("02", 0)]) }
        #expect(throws: ValidatorSet.Problem.powerTooLarge(Self.id("03"), power: limit + 1)) {
            try set.update([change("03", limit + 1)])
        }
        #expect(throws: ValidatorSet.Problem.powerTooLarge(Self.id("03"), power: .max)) {
            try set.update([change("03", .max)])
        }
        #expect(throws: ValidatorSet.Problem.totalTooLarge) { try set.update([change("03", limit - 9)]) }
        #expect(throws: ValidatorSet.Problem.totalTooLarge) {
            try set.update((10..<40).map { change(String($0, radix: 16), limit) })
        }
        #expect(throws: ValidatorSet.Problem.empty) { _ = try ValidatorSet([]) }
        #expect(throws: ValidatorSet.Problem.empty) { _ = try ValidatorSet([change("01", 0)].filter { $0.power > 0 }) }
        #expect(set == before)
        try set.update([change("03", limit - 10)])
        #expect(set.totalPower == limit)
    }

    @Test("PS-pure: the proposer of a round is the same whether rounds are walked or skipped, after random changes")
    func skipEqualsWalk() throws {
        var dice = SeededGenerator(seed: 7 as UInt64)
        for _ in 0..<100 {
            var set = try randomSet(&dice)
            for _ in 0..<6 {
                set = try set.next(changes: randomChanges(&dice, of: set))
                var walked = set
                for round in 0..<Round(6) {
                    #expect(set.proposer(ofRound: round) == walked.proposer)
                    walked.advance()
                }
            }
        }
    }

    @Test("priorities stay centred and within twice the total power; nodes that see the same changes agree")
    func invariants() throws {
        var dice = SeededGenerator(seed: 8 as UInt64)
        for _ in 0..<100 {
            var set = try randomSet(&dice)
            var twin = set
            for _ in 0..<10 {
                let changes = randomChanges(&dice, of: set)
                set = try set.next(changes: changes)
                twin = try twin.next(changes: changes.reversed())
                #expect(set == twin)
                let sum = set.validators.reduce(Int128(0)) { $0 + Int128($1.priority) }
                #expect(sum.magnitude < UInt128(set.count))
                var still = set
                try still.update([])
                let priorities = still.validators.map(\.priority)
                #expect(Int128(priorities.max()!) - Int128(priorities.min()!) <= 2 * Int128(set.totalPower))
            }
        }
    }

    @Test("with a stable set every validator proposes exactly as often as it has power, in each window of P steps")
    func fairness() throws {
        var dice = SeededGenerator(seed: 9 as UInt64)
        for _ in 0..<30 {
            let powers = (0..<Int(1 + dice.next(below: 6))).map { _ in 1 + dice.next(below: 9) }
            var set = try ValidatorSet(
                powers.enumerated().map {
                    ValidatorChange(id: Committee.id($0.offset), key: Committee.id($0.offset).key, power: $0.element)
                })
            let total = Int(powers.reduce(0, +))
            var turns: [ValidatorID] = []
            for _ in 0..<3 * total {
                turns.append(set.proposer)
                set.advance()
            }
            for start in 0...2 * total {
                for (index, power) in powers.enumerated() {
                    let count = turns[start..<start + total].count { $0 == Committee.id(index) }
                    #expect(count == Int(power))
                }
            }
        }
    }

    @Test("a validator that leaves and comes back does not jump the queue")
    func rejoin() throws {
        var set = try ValidatorSet(Self.changes(["01": 10, "02": 10, "03": 10]))
        let last = set.proposer
        set = try set.next(changes: [ValidatorChange(id: last, key: last.key, power: 0)])
        set = try set.next(changes: [ValidatorChange(id: last, key: last.key, power: 10)])
        for _ in 0..<3 {
            #expect(set.proposer != last)
            set.advance()
        }
    }

    private func randomSet(_ dice: inout SeededGenerator) throws -> ValidatorSet {
        try ValidatorSet(
            (0...Int(dice.next(below: 7))).map {
                ValidatorChange(id: Committee.id($0), key: Committee.id($0).key, power: 1 + dice.next(below: 5000))
            })
    }

    private func randomChanges(_ dice: inout SeededGenerator, of set: ValidatorSet) -> [ValidatorChange] {
        var changes: [ValidatorChange] = []
        for index in 0..<8 where dice.next(below: 4) == 0 {
            let id = Committee.id(index)
            let isMember = set[id] != nil
            let removes = isMember && index != 0 && dice.next(below: 3) == 0 && set.count > 3
            changes.append(ValidatorChange(id: id, key: id.key, power: removes ? 0 : 1 + dice.next(below: 5000)))
        }
        // Never remove all: keep one that stays or comes.
        if changes.allSatisfy({ $0.power == 0 }) { return [] }
        return changes
    }
}
