import Tensors
import Testing

@Suite("Matrix product")
struct MatrixProductTests {
    /// Every small shape, around the tiles (up to 6 or 12 × 16), around the depth of a block (256), and around its height and width.
    static let shapes: [(m: Int, n: Int, k: Int)] = {
        var shapes: [(Int, Int, Int)] = []
        for m in 1...19 {
            for n in [1, 3, 15, 16, 17, 33] { for k in [1, 2, 9] { shapes.append((m, n, k)) } }
        }
        shapes += [
            (0, 3, 4), (3, 0, 4), (3, 4, 0), (1, 1, 1), (1, 784, 10), (10, 784, 64), (128, 784, 32), (32, 128, 784),
        ]
        shapes += [
            (7, 16, 255), (7, 16, 256), (7, 17, 257), (24, 40, 513), (25, 33, 300), (97, 49, 70), (98, 1041, 20),
        ]
        shapes += [(110, 90, 600), (200, 64, 64), (64, 200, 64), (6, 16, 1030), (12, 48, 1025), (17, 48, 1025)]
        return shapes
    }()

    @Test(
        "every form, tier and number of threads gives the bits of the plain loop", arguments: tiers,
        ProductForm.allCases)
    func equalsReference(tier: Int, form: ProductForm) {
        for (index, (m, n, k)) in Self.shapes.enumerated() {
            var samples = Samples(UInt64(index))
            let a = samples.tensor(form == .leftTransposed ? [k, m] : [m, k]) { $0.finite() }
            let b = samples.tensor(form == .rightTransposed ? [n, k] : [k, n]) { $0.finite() }
            let expected = Reference.product(a, b, form)
            for threads in [1, 2, 3] {
                let result = Tensor.product(a, b, form, threads: threads, on: Backend.available[tier])
                #expect(result.isIdentical(to: expected), "\(m)×\(n)×\(k), \(threads) threads")
            }
        }
    }

    @Test("NaN, infinities and signed zeros come out as in the plain loop", arguments: tiers, ProductForm.allCases)
    func corners(tier: Int, form: ProductForm) {
        for seed in 0..<40 as Range<UInt64> {
            var samples = Samples(seed)
            let (m, n, k) = (Int(samples.next() % 20) + 1, Int(samples.next() % 40) + 1, Int(samples.next() % 6) + 1)
            let a = samples.tensor(form == .leftTransposed ? [k, m] : [m, k]) { $0.mixed() }
            let b = samples.tensor(form == .rightTransposed ? [n, k] : [k, n]) { $0.mixed() }
            let result = Tensor.product(a, b, form, on: Backend.available[tier])
            #expect(result.isIdentical(to: Reference.product(a, b, form)), "seed \(seed)")
        }
    }

    @Test("large products are the same on 1 and 2 threads, and for a part of the rows alone")
    func invariance() {
        var samples = Samples(7)
        let a = samples.tensor([300, 1100]) { $0.ordinary() }
        let b = samples.tensor([1100, 250]) { $0.ordinary() }
        let whole = Tensor.product(a, b)
        #expect(whole.isIdentical(to: Tensor.product(a, b, threads: 2)))
        for rows in [1, 6, 23, 24, 100] {
            let part = Tensor(shape: [rows, 1100], elements: Array(a.elements[..<(rows * 1100)]))
            #expect(Array(whole.elements[..<(rows * 250)]) == Tensor.product(part, b).elements, "\(rows) rows")
        }
    }
}
