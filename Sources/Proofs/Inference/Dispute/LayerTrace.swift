package import Keys
internal import Models
package import Wire

/// What a provider shows of one layer at one position: the state that enters it and the vector of every operator.
package struct LayerTrace: Canonical, Hashable {
    /// 64 of the widest vectors that a model may have; a model of 7 billion weights has about 70,000 numbers in all.
    static let numberLimit = 1 << 22

    package let input: [Float]
    /// From the digest of `input` to the root over the boundaries of the position.
    package let path: InclusionProof
    /// In the order of the operators of the model.
    package let outputs: [[Float]]

    package init(input: [Float], path: InclusionProof, outputs: [[Float]]) {
        self.input = input
        self.path = path
        self.outputs = outputs
    }

    /// Whether the vectors have the widths of the model, the input is what was committed to at the boundary before `layer`, and the last
    /// output is what was committed to at the boundary after it.
    func isCommitted(layer: Int, root: Digest, leaf: Digest, _ layout: ModelLayout) -> Bool {
        let parts = layout.operators
        guard input.count == layout.shape.width, outputs.map(\.count) == parts.map({ $0.width(layout.shape) }),
            let last = outputs.last, StateDigest.of(last) == leaf
        else { return false }
        return path.index == UInt64(layer - 1) && path.total == UInt64(layout.shape.layers + 1)
            && path.verifies(leafHash: StateDigest.of(input), root: root)
    }

    /// The vectors by operator.
    func vectors(_ layout: ModelLayout) -> LayerArithmetic.Vectors {
        var vectors = LayerArithmetic.Vectors(input: input)
        for (part, output) in zip(layout.operators, outputs) { vectors.outputs[part] = output }
        return vectors
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(numbers: input)
        writer.write(path)
        writer.writeVarint(UInt64(outputs.count))
        for output in outputs { writer.write(numbers: output) }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> LayerTrace {
        let input = try reader.readNumbers(limit: numberLimit)
        let path: InclusionProof = try reader.read()
        let count = try reader.readVarint()
        let limit = UInt64(LayerOperator.allCases.count)
        guard count <= limit else { throw .tooLong(length: count, limit: limit) }
        var outputs: [[Float]] = []
        for _ in 0..<count { outputs.append(try reader.readNumbers(limit: numberLimit)) }
        return LayerTrace(input: input, path: path, outputs: outputs)
    }
}
