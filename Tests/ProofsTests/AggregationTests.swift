import Keys
import Proofs
import Testing

@Suite struct AggregationTests {
    private func delta(_ exponent: Int, _ values: [Int16], _ width: QuantisedDelta.Width = .int16) -> QuantisedDelta {
        QuantisedDelta(width: width, blocks: [.init(exponent: exponent, values: values)])
    }

    @Test("the mean is weighted by samples")
    func weighted() throws {
        let parts = [
            Aggregation.Contribution(weight: 3, delta: delta(0, [4, -4, 0])),
            Aggregation.Contribution(weight: 1, delta: delta(1, [8, 2, 2])),
        ]
        // (3·4 + 1·16) / 4, (−12 + 4) / 4, (0 + 4) / 4
        #expect(try Aggregation.apply(parts, to: [1, 1, 1], tensors: [3]) == [8, -1, 2])
    }

    @Test("the order of workers never changes a bit", arguments: 0..<50 as Range<UInt64>)
    func order(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let base = (0..<30).map { _ in Float(Int64(dice.next(below: 2001)) - 1000) * 0x1p-12 }
        var parts = (0..<7).map { _ in
            Aggregation.Contribution(
                weight: UInt32(1 + dice.next(below: 1_000_000)),
                delta: QuantisedDelta(
                    width: .int16,
                    blocks: [10, 20].map { count in
                        .init(
                            exponent: Int(dice.next(below: 80)) - 64,
                            values: (0..<count).map { _ in Int16(Int64(dice.next(below: 65535)) - 32767) })
                    }))
        }
        let first = try Aggregation.apply(parts, to: base, tensors: [10, 20]).map(\.bitPattern)
        for _ in 0..<5 {
            parts.shuffle(using: &dice)
            #expect(try Aggregation.apply(parts, to: base, tensors: [10, 20]).map(\.bitPattern) == first)
        }
    }

    @Test("against a reference in rational arithmetic: within half a step of 2^-20 of the coarsest quantum")
    func reference() throws {
        var dice = SeededGenerator(seed: 77)
        for _ in 0..<200 {
            let parts = (0..<4).map { _ in
                Aggregation.Contribution(
                    weight: UInt32(1 + dice.next(below: 20000)),
                    delta: delta(Int(dice.next(below: 8)) - 10, [Int16(Int64(dice.next(below: 65535)) - 32767)]))
            }
            let total = parts.reduce(0.0) { $0 + Double($1.weight) }
            let exact =
                parts.reduce(0.0) { sum, part in
                    let scale = Double(sign: .plus, exponent: part.delta.blocks[0].exponent, significand: 1)
                    return sum + Double(part.weight) * Double(part.delta.blocks[0].values[0]) * scale
                } / total
            let found = Double(try Aggregation.apply(parts, to: [0], tensors: [1])[0])
            #expect(abs(found - exact) <= abs(exact) * 0x1p-23 + 0x1p-22)
        }
    }

    @Test("the largest inputs do not overflow, on either side")
    func extremes() throws {
        for sign: Int16 in [1, -1] {
            let parts = (0..<8).map { _ in
                Aggregation.Contribution(weight: 1 << 20, delta: delta(15, [sign * 32767]))
            }
            let found = try Aggregation.apply(parts, to: [0], tensors: [1])
            #expect(found == [Float(sign) * 32767 * 0x1p15])
        }
    }

    @Test("no updates, no weight, too much weight and another shape are refused")
    func refusals() {
        func join(_ parts: [Aggregation.Contribution], _ base: [Float] = [0]) throws -> [Float] {
            try Aggregation.apply(parts, to: base, tensors: [1])
        }
        #expect(throws: Aggregation.Failure.empty) { try join([]) }
        #expect(throws: Aggregation.Failure.weight(0)) { try join([.init(weight: 0, delta: delta(0, [1]))]) }
        #expect(throws: Aggregation.Failure.weight(UInt64(UInt32.max))) {
            try join([.init(weight: .max, delta: delta(0, [1]))])
        }
        #expect(throws: Aggregation.Failure.shape(index: 0)) { try join([.init(weight: 1, delta: delta(0, [1, 2]))]) }
        #expect(throws: Aggregation.Failure.outOfRange(index: 0)) {
            try join([.init(weight: 1, delta: delta(0, [1]))], [.infinity])
        }
    }
}
