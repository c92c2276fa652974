import Keys
import Models
import Tensors
import Testing
import Wire

@Suite("Sampling")
struct SamplerTests {
    private static let seed = Digest(sha256: [1, 2, 3])

    private func parameters(
        _ temperature: UInt32, topK: UInt32 = 0, topP: UInt32 = 1_000_000, minP: UInt32 = 0
    ) throws -> SamplingParameters {
        try #require(
            SamplingParameters(temperature: temperature, topK: topK, topP: topP, minP: minP, maximumTokens: 1))
    }

    /// The rule of ``Sampler`` with a sort and plain loops.
    private func plain(
        _ logits: [Float], _ p: SamplingParameters, _ position: Int, allowed: TokenMask? = nil
    ) -> TokenID {
        let values = logits.enumerated().map { token, logit in
            logit.isNaN || allowed?.allows(TokenID(token)) == false ? -Float.infinity : logit
        }
        let order = values.indices.sorted { values[$0] == values[$1] ? $0 < $1 : values[$0] > values[$1] }
        let top = values[order[0]]
        if top == -.infinity { return allowed?.lowest ?? 0 }
        if p.temperature == 0 { return TokenID(order[0]) }
        let t = Float(p.temperature) / 1000
        var weights = values.map { value -> UInt64 in
            if top == .infinity { return value == .infinity ? 1 << 31 : 0 }
            return UInt64(Reference.exponential((value - top) / t) * 2_147_483_648)
        }
        if p.topK > 0 { for token in order.dropFirst(Int(p.topK)) { weights[token] = 0 } }
        let total = weights.reduce(0, +)
        var sum: UInt64 = 0
        for (place, token) in order.enumerated() {
            if p.topP < 1_000_000, place > 0, sum * 1_000_000 >= total * UInt64(p.topP) { weights[token] = 0 }
            sum += weights[token]
        }
        let heaviest = weights.max() ?? 0
        weights = weights.map { $0 * 1_000_000 < heaviest * UInt64(p.minP) ? 0 : $0 }
        let key = Digest(of: Self.seed.bytes + UInt64(position).canonicalBytes, domain: "sample")
        var generator = SeededGenerator(seed: key)
        let drawn = generator.next(below: weights.reduce(0, +))
        var running: UInt64 = 0
        for (token, weight) in weights.enumerated() {
            running += weight
            if drawn < running { return TokenID(token) }
        }
        return .max
    }

    @Test("sampling follows its rule as a sort and plain loops do", arguments: 0..<12 as Range<UInt64>)
    func rule(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let special: [Float] = [.nan, -.infinity, 0, -0.0, .leastNonzeroMagnitude, 3.5, 3.5, -.greatestFiniteMagnitude]
        for position in 0..<400 {
            let logits = (0..<1 + Int(generator.next(below: 70))).map { _ -> Float in
                generator.next(below: 4) == 0
                    ? special[Int(generator.next(below: 8))] : Float(generator.next(below: 4000)) / 100 - 20
            }
            let p = try parameters(
                [0, 1, 500, 1000, 3000, 10_000][Int(generator.next(below: 6))],
                topK: [0, 1, 2, 7, 40, 100][Int(generator.next(below: 6))],
                topP: [1_000_000, 0, 1, 500_000, 900_000, 999_999][Int(generator.next(below: 6))],
                minP: [0, 1, 50_000, 1_000_000][Int(generator.next(below: 4))])
            var mask: TokenMask?
            if generator.next(below: 3) == 0 {
                var some = TokenMask(count: logits.count)
                for token in logits.indices where generator.next(below: 2) == 0 { some.allow(TokenID(token)) }
                mask = some
            }
            let token = Sampler(p, seed: Self.seed).sample(logits, position: position, allowed: mask)
            #expect(token == plain(logits, p, position, allowed: mask), "\(logits) \(p) at \(position)")
        }
    }

    @Test("infinities and NaN have defined outcomes")
    func extremes() throws {
        for temperature: UInt32 in [0, 700] {
            let sampler = Sampler(try parameters(temperature), seed: Self.seed)
            for position in 0..<20 {
                #expect(sampler.sample([1, .nan, .infinity, 5], position: position) == 2)
                #expect(sampler.sample([.nan, -.infinity, .nan], position: position) == 0)
                #expect(sampler.sample([.nan, -1e30, .nan], position: position) == 1)
            }
        }
        let greedy = Sampler(try parameters(0), seed: Self.seed)
        #expect(greedy.sample([1, 7, 7, 2], position: 0) == 1 && greedy.sample([-0.0, 0], position: 0) == 0)
        let both = Sampler(try parameters(1000), seed: Self.seed)
        #expect(Set((0..<100).map { both.sample([.infinity, 0, .infinity], position: $0) }) == [0, 2])
        var mask = TokenMask(count: 3)
        #expect(greedy.sample([1, 2, 3], position: 0, allowed: mask) == 0 && mask.lowest == nil)
        mask.allow(1)
        #expect(greedy.sample([1, -.infinity, 3], position: 0, allowed: mask) == 1)
    }

    @Test("greedy takes the first of the greatest, wherever it stands")
    func greedyPlaces() throws {
        let greedy = Sampler(try parameters(0), seed: Self.seed)
        for count in 1...67 {
            for place in 0..<count {
                var logits = [Float](repeating: -3, count: count)
                logits[place] = 2
                logits[count - 1] = 2
                #expect(greedy.sample(logits, position: 0) == TokenID(place))
            }
        }
    }

    /// χ² with 7 degrees of freedom is above 24.3 once in a thousand runs of an honest die; the seed is fixed.
    @Test("frequencies are those of the softmax", arguments: [500, 1000, 2000] as [UInt32])
    func frequencies(temperature: UInt32) throws {
        let logits: [Float] = [0, 1, 2, 1.5, -1, 0.5, 2.2, -0.3]
        let sampler = Sampler(try parameters(temperature), seed: Self.seed)
        let powers = logits.map { Reference.exponential($0 * 1000 / Float(temperature)) }
        let sum = powers.reduce(0, +)
        var counts = [Float](repeating: 0, count: 8)
        let draws = 20_000
        for position in 0..<draws { counts[Int(sampler.sample(logits, position: position))] += 1 }
        let square = zip(counts, powers).map { count, power -> Float in
            let expected = Float(draws) * power / sum
            return (count - expected) * (count - expected) / expected
        }.reduce(0, +)
        #expect(square < 24.3, "\(counts)")
    }

    @Test("the choice depends on seed and position, and its bits are fixed")
    func golden() throws {
        var generator = SeededGenerator(seed: 5)
        let logits = (0..<49_152).map { _ in Float(generator.next(below: 1 << 20)) / 65_536 }
        let sets = [
            try parameters(0), try parameters(800), try parameters(1500, topK: 40), try parameters(1000, topP: 900_000),
            try parameters(700, topK: 1000, topP: 950_000, minP: 50_000), try parameters(10_000, minP: 1),
        ]
        let chosen = sets.map { set in (0..<6).map { Sampler(set, seed: Self.seed).sample(logits, position: $0) } }
        #expect(chosen == Self.goldens)
        let other = Sampler(sets[1], seed: Digest(sha256: [9]))
        #expect((0..<6).map { other.sample(logits, position: $0) } != chosen[1])
    }

    private static let goldens: [[TokenID]] = [
        [40253, 40253, 40253, 40253, 40253, 40253], [39575, 37318, 39244, 38105, 40069, 48752],
        [45927, 8964, 34554, 7272, 32749, 8750], [39073, 39950, 26880, 3554, 26643, 2229],
        [37197, 28394, 381, 10719, 24111, 25186], [16940, 18686, 27664, 42111, 2695, 39336],
    ]
}
