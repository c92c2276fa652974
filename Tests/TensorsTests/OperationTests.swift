import Tensors
import Testing

@Suite("Operations")
struct OperationTests {
    @Test("sums, column sums and ReLU give the bits of the plain loop, for every length", arguments: tiers)
    func equalReference(tier: Int) {
        let backend = Backend.available[tier]
        for count in Array(0...40) + [255, 256, 257, 1000] {
            var samples = Samples(UInt64(count))
            for draw in [{ (s: inout Samples) in s.finite() }, { (s: inout Samples) in s.mixed() }] {
                let x = samples.tensor([count], draw), y = samples.tensor([count], draw)
                #expect(same(x.sum(on: backend), Reference.sum(x.elements)), "\(count) values")
                let rectified = x.rectified(on: backend).elements
                #expect(difference(rectified, x.elements.map(Reference.rectified)) == nil, "\(count) values")
                let gradient = y.rectified(where: x, on: backend).elements
                let expected = zip(y.elements, x.elements).map { Reference.rectified(gradient: $0, where: $1) }
                #expect(difference(gradient, expected) == nil, "\(count) values")
                for rows in [0, 1, 7, 8, 9, 33] {
                    let matrix = samples.tensor([rows, count], draw)
                    #expect(matrix.columnSums(on: backend).isIdentical(to: Reference.columnSums(matrix)))
                }
            }
        }
    }

    @Test("ReLU keeps NaN, and turns both zeros and everything negative into +0")
    func rectified() {
        let y = Tensor(shape: [6], elements: [.nan, -0.0, 0, -1, -.infinity, 2]).rectified().elements
        #expect(y[0].isNaN)
        #expect(y[1...].map(\.bitPattern) == [0, 0, 0, 0, Float(2).bitPattern])
    }

    @Test("bytes become values from 0 to 1")
    func pixels() throws {
        let images = try #require(Images(width: 4, classes: 2, pixels: [0, 1, 128, 255, 9, 9, 9, 9], labels: [1, 0]))
        let row = images.rows([0]).elements
        #expect(row[0] == 0 && row[3] == 1 && row[1] == 1 / 255 && abs(row[2] - 128.0 / 255) < 1e-7)
    }

    @Test("images need as many pixels as labels ask for, and labels below the number of classes")
    func images() {
        #expect(Images(width: 2, classes: 2, pixels: [1, 2, 3], labels: [0, 1]) == nil)
        #expect(Images(width: 2, classes: 2, pixels: [1, 2, 3, 4], labels: [0, 2]) == nil)
        #expect(Images(width: 0, classes: 2, pixels: [], labels: []) == nil)
        #expect(Images(width: 2, classes: 257, pixels: [], labels: []) == nil)
        #expect(Images(width: .max, classes: 2, pixels: [], labels: [0, 0, 0]) == nil)
        #expect(Images(width: 2, classes: 2, pixels: [], labels: [])?.count == 0)
    }
}
