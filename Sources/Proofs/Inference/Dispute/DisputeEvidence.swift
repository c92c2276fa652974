internal import Keys
package import Models
package import Wire

/// What the last question of a dispute is decided by: rows of weights, and for a key or value the state it comes from.
package struct DisputeEvidence: Canonical, Hashable {
    /// An element needs a norm, a bias and the rows of one head at most; a chunk has up to 64 KiB.
    static let chunkLimit = 64

    package struct State: Canonical, Hashable {
        package let numbers: [Float]
        package let proof: StateProof

        package init(numbers: [Float], proof: StateProof) {
            self.numbers = numbers
            self.proof = proof
        }

        package func encode(into writer: inout ByteWriter) {
            writer.write(numbers: numbers)
            writer.write(proof)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> State {
            State(numbers: try reader.readNumbers(limit: LayerTrace.numberLimit), proof: try reader.read())
        }
    }

    package let weights: [WeightProof]
    package let state: State?

    package init(weights: [WeightProof], state: State? = nil) {
        self.weights = weights
        self.state = state
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(list: weights)
        writer.write(optional: state)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> DisputeEvidence {
        DisputeEvidence(weights: try reader.readList(limit: chunkLimit), state: try reader.readOptional())
    }
}
