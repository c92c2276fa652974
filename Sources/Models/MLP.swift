package import Keys

/// A multilayer perceptron: fully connected layers, ReLU between them, one logit per class at the end.
///
/// Parameters are one flat array in canonical order: W1[out][in], b1[out], W2[out][in], b2[out], …
package struct MLP: Hashable, Sendable {
    /// One tensor among the parameters.
    package struct Block: Hashable, Sendable {
        /// "W1", "b1", "W2", …
        package let name: String
        package let shape: [Int]
        /// Where it lies in the flat array.
        package let range: Range<Int>
    }

    /// 16 Mi parameters: a 64 MiB blob, more than any network that one round of training on a CPU can use.
    package static let parameterLimit = 1 << 24
    /// The network of the demo: 101,770 parameters.
    package static let fashionMNIST = try! MLP(layers: [784, 128, 10])

    package let layers: [Int]
    package let parameterCount: Int

    package init(layers: [Int]) throws(ModelError) {
        guard (2...16).contains(layers.count), layers.allSatisfy({ (1...Self.parameterLimit).contains($0) }),
            layers[layers.count - 1] <= 256
        else { throw .layers(layers) }
        // At most 15 terms below 2^49: no overflow.
        let count = zip(layers, layers.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
        guard count <= Self.parameterLimit else { throw .layers(layers) }
        self.layers = layers
        parameterCount = count
    }

    package var blocks: [Block] {
        var blocks: [Block] = []
        var offset = 0
        for layer in 1..<layers.count {
            let (from, to) = (layers[layer - 1], layers[layer])
            blocks.append(Block(name: "W\(layer)", shape: [to, from], range: offset..<offset + from * to))
            offset += from * to
            blocks.append(Block(name: "b\(layer)", shape: [to], range: offset..<offset + to))
            offset += to
        }
        return blocks
    }

    /// First parameters, uniform in ±1/√in as usual for such layers (LeCun et al., "Efficient BackProp", 1998): 24 random
    /// bits make a number of [−1, 1) exactly, times the bound rounded to a float.
    package func initial(seed: Digest) -> [Float] {
        var generator = SeededGenerator(seed: Digest(of: seed.bytes, domain: "initial-parameters"))
        var parameters: [Float] = []
        parameters.reserveCapacity(parameterCount)
        for layer in 1..<layers.count {
            let bound = 1 / Float(layers[layer - 1]).squareRoot()
            for _ in 0..<(layers[layer - 1] + 1) * layers[layer] {
                let draw = Int32(truncatingIfNeeded: generator.next() >> 40) - 0x80_0000
                parameters.append(Float(draw) * 0x1p-23 * bound)
            }
        }
        return parameters
    }

    package static func initial(layers: [Int], seed: Digest) throws(ModelError) -> [Float] {
        try MLP(layers: layers).initial(seed: seed)
    }
}
