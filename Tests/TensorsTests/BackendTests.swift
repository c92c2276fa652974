import Kernels
import Tensors
import Testing

@Suite("Backend")
struct BackendTests {
    @Test("this processor has the portable tier, and the fastest is the last of all")
    func order() {
        #expect(Backend.available.first?.description == "portable")
        #expect(Backend.available.last?.description == Backend.fastest.description)
    }

    @Test("the portable fused multiply-add rounds once, for every triple of corner values", arguments: tiers)
    func fusedCorners(tier: Int) {
        let corners = Samples.corners
        for a in corners {
            var left: [Float] = [], right: [Float] = [], expected: [Float] = []
            for b in corners {
                for c in corners {
                    left.append(b)
                    right.append(c)
                    expected.append(c.addingProduct(a, b))
                }
            }
            let shape = [left.count]
            let result = Tensor.fused(
                Tensor(shape: shape, elements: left.map { _ in a }), Tensor(shape: shape, elements: left),
                Tensor(shape: shape, elements: right), on: Backend.available[tier])
            #expect(difference(result.elements, expected) == nil, "a = \(a)")
        }
    }

    @Test("the fused multiply-add rounds once, for a million random bit patterns", arguments: tiers)
    func fusedRandom(tier: Int) {
        var samples = Samples(1)
        for round in 0..<4 {
            let count = 250_000
            let a = samples.tensor([count]) { $0.anything() }
            let b = samples.tensor([count]) { $0.anything() }
            // The sum of a product and nearly its negative, of something else in the same binade, and of anything.
            var c = samples.tensor([count]) { $0.anything() }
            for place in 0..<count where round > 0 {
                let product = a.elements[place] * b.elements[place]
                c.elements[place] = round == 1 ? -product : product * c.elements[place].significand
                if round == 3 { c.elements[place] = -product.nextUp * 0x1p-24 }
            }
            let result = Tensor.fused(a, b, c, on: Backend.available[tier])
            let expected = (0..<count).map { c.elements[$0].addingProduct(a.elements[$0], b.elements[$0]) }
            #expect(difference(result.elements, expected) == nil, "round \(round)")
        }
    }

    @Test("a thread that flushes denormals is noticed")
    func environment() {
        #expect(FloatEnvironment.isStandard)
        banyan_flush_denormals(true)
        let noticed = !FloatEnvironment.isStandard
        banyan_flush_denormals(false)
        #expect(noticed)
        #expect(FloatEnvironment.isStandard)
    }
}

/// The places in `Backend.available`.
let tiers = Backend.available.indices
