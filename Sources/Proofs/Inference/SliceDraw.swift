package import Keys

/// Which layer of an answer an audit re-executes, and at which steps it checks the choice of the token.
package struct SliceDraw: Hashable, Sendable {
    /// Steps whose token is checked; an answer of no more is checked whole. The head costs as much as a fifth of the layers of a
    /// small model, so 32 keep it below the cost of the layer for long answers; an answer from another model, which differs
    /// from ours in a tenth of its tokens, passes with probability 0.9^32 = 3 %.
    package static let steps = 32

    /// From 1.
    package let layer: Int
    /// Ascending.
    package let steps: [Int]

    /// - Parameters:
    ///   - output: of the challenge.
    ///   - layers: of the model, at least 1.
    ///   - answer: tokens of the answer, its actual length.
    package init(_ output: Digest, layers: Int, answer: Int) {
        var generator = SeededGenerator(seed: Digest(of: output.bytes, domain: "slice draw"))
        layer = 1 + Int(generator.next(below: UInt64(layers)))
        if answer <= Self.steps {
            steps = Array(0..<answer)
        } else {
            var drawn: Set<Int> = []
            while drawn.count < Self.steps { drawn.insert(Int(generator.next(below: UInt64(answer)))) }
            steps = drawn.sorted()
        }
    }
}
