import Keys
import Models
import Testing

@Suite("MLP")
struct MLPTests {
    @Test("the network of the demo has 101,770 parameters in the order W1, b1, W2, b2")
    func blocks() {
        let network = MLP.fashionMNIST
        #expect(network.parameterCount == 101_770)
        #expect(network.blocks.map(\.name) == ["W1", "b1", "W2", "b2"])
        #expect(network.blocks.map(\.shape) == [[128, 784], [128], [10, 128], [10]])
        var next = 0
        for block in network.blocks {
            #expect(block.range.lowerBound == next && block.range.count == block.shape.reduce(1, *))
            next = block.range.upperBound
        }
        #expect(next == network.parameterCount)
    }

    @Test(
        "layers that make no network, or one too large, are refused",
        arguments: [
            [], [784], [784, 0, 10], [784, -1, 10], [784, 257], [.max, .max], [1 << 24, 2], [4096, 4096, 10],
            [Int](repeating: 2, count: 17),
        ])
    func refused(layers: [Int]) {
        #expect(throws: ModelError.layers(layers)) { try MLP(layers: layers) }
    }

    @Test("first parameters lie within their bound, look uniform, and depend on the seed alone")
    func initial() throws {
        let network = MLP.fashionMNIST
        let seed = Digest(of: [1], domain: "test")
        let parameters = network.initial(seed: seed)
        #expect(parameters == network.initial(seed: seed))
        #expect(parameters != network.initial(seed: Digest(of: [2], domain: "test")))
        #expect(try MLP.initial(layers: [784, 128, 10], seed: seed) == parameters)
        for (block, bound) in zip(network.blocks, [28, 28, Double(128).squareRoot(), Double(128).squareRoot()]) {
            let values = parameters[block.range].map { Double($0) * bound }
            #expect(values.allSatisfy { $0 >= -1.000001 && $0 <= 1.000001 })
            guard values.count > 1000 else { continue }
            let mean = values.reduce(0, +) / Double(values.count)
            let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
            #expect(abs(mean) < 0.06 && abs(square - 1.0 / 3) < 0.04, "\(block.name)")
        }
    }
}
