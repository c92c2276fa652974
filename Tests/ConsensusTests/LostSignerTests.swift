import Consensus
import Keys
import Testing

@Suite("What a lost signer's memory may be replaced by")
struct LostSignerTests {
    /// One way the world may have been when validator 0 lost its memory, with small heights.
    private struct Past {
        let powers: [UInt64]
        /// Of the others, as bits; their heads mean nothing.
        let liars: Int
        /// By validator; of validator 0 in its earlier life.
        let heads: [UInt64]

        private func isLiar(_ index: Int) -> Bool { liars >> index & 1 == 1 }
        private var total: UInt64 { powers.reduce(0, +) }
        var isBearable: Bool { 3 * powers.indices.filter(isLiar).reduce(0) { $0 + powers[$1] } < total }

        /// Whether each block that a correct one has may have been decided: those that have the block before, and the liars, are
        /// more than two thirds.
        var isPossible: Bool {
            let top = powers.indices.filter { !isLiar($0) }.map { heads[$0] }.max() ?? 0
            return (0..<top).allSatisfy { height in
                let voters = powers.indices.filter { isLiar($0) || heads[$0] >= height }
                return 3 * voters.reduce(0) { $0 + powers[$1] } > 2 * total
            }
        }
    }

    private func members(_ powers: [UInt64]) throws -> ValidatorSet {
        try ValidatorSet(
            powers.enumerated().map { index, power in
                let key = SigningKey(seed: Array(repeating: UInt8(index + 1), count: 32))!
                return ValidatorChange(id: Committee.id(index), key: key.publicKey, power: power)
            })
    }

    @Test(
        "whatever happened, whoever lies or is silent: nothing is allowed where it may have signed, and less silence would not do",
        arguments: [[1, 1, 1, 1], [3, 1, 1, 1, 1], [1, 2, 2, 2, 1], [2, 1, 1]] as [[UInt64]])
    func exhaustive(powers: [UInt64]) throws {
        let ids = powers.indices.map(Committee.id)
        let set = try members(powers)
        let top: UInt64 = powers.count > 4 ? 2 : 3
        let pasts = Int(top + 1)
        var (allowed, tight) = (0, 0)
        for liars in stride(from: 0, to: 1 << powers.count, by: 2) {
            for number in 0..<powers.reduce(1, { product, _ in product * pasts }) {
                var rest = number
                let heads = powers.map { _ in
                    defer { rest /= pasts }
                    return UInt64(rest % pasts)
                }
                let past = Past(powers: powers, liars: liars, heads: heads)
                guard past.isBearable, past.isPossible else { continue }
                // A correct one tells its head or is late; a liar does worst by telling a low one.
                for silent in stride(from: 0, to: 1 << powers.count, by: 2) {
                    var told: [ValidatorID: Height] = [:]
                    for index in 1..<powers.count where silent >> index & 1 == 0 {
                        told[ids[index]] = liars >> index & 1 == 1 ? 0 : heads[index]
                    }
                    for head in 0...top {
                        guard let memory = SignerState.afterLoss(of: ids[0], head: head, set: set, heads: told) else {
                            continue
                        }
                        allowed += 1
                        let signed = heads[0] + 1
                        guard memory.height >= signed else {
                            Issue.record("heads \(heads), liars \(liars), silent \(silent): signed at \(signed)")
                            return
                        }
                        if memory.height == signed { tight += 1 }
                    }
                }
            }
        }
        // With more than a third of the power it is never certain, nor are the others able to decide without it.
        let isNeeded = 3 * powers[0] >= powers.reduce(0, +)
        #expect((allowed > 0) == !isNeeded)
        #expect((tight > 0) == !isNeeded)
    }

    @Test("the others' power must be more than two thirds, of the whole set, without one's own")
    func threshold() throws {
        let ids = (0..<4).map(Committee.id)
        let set = try members([1, 1, 1, 1])
        func heights(_ told: [Height?]) -> Height? {
            let heads = Dictionary(
                uniqueKeysWithValues: zip(ids, told).compactMap { id, height in height.map { (id, $0) } })
            return SignerState.afterLoss(of: ids[0], head: 7, set: set, heads: heads)?.height
        }
        #expect(heights([nil, 7, 5, 0]) == 9)
        #expect(heights([7, 7, 7, nil]) == nil)
        #expect(heights([nil, 7, 7, 8]) == nil)
        // A newcomer is no member: all four tell it enough.
        let stranger = Committee.id(9)
        let heads = Dictionary(uniqueKeysWithValues: ids.dropLast().map { ($0, Height(7)) })
        #expect(SignerState.afterLoss(of: stranger, head: 7, set: set, heads: heads)?.height == 9)
    }
}
