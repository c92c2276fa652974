internal import Keys
internal import Models
package import Wire

/// What a provider shows of the choice of one token: the state at the last boundary and the logits.
package struct HeadTrace: Canonical, Hashable {
    /// The largest vocabulary that a model may have.
    static let vocabularyLimit = 1 << 20

    package let state: [Float]
    package let proof: StateProof
    package let logits: [Float]

    package init(state: [Float], proof: StateProof, logits: [Float]) {
        self.state = state
        self.proof = proof
        self.logits = logits
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(numbers: state)
        writer.write(proof)
        writer.write(numbers: logits)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> HeadTrace {
        HeadTrace(
            state: try reader.readNumbers(limit: LayerTrace.numberLimit), proof: try reader.read(),
            logits: try reader.readNumbers(limit: vocabularyLimit))
    }
}
