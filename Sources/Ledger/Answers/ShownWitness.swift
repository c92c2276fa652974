package import Wire

/// The state that an audit's value is made of, shown by a member that has found the answer right with another value than the others.
package struct ShownWitness: Hashable, Sendable, Canonical {
    /// The list of tensors of a model with a hundred layers takes 80 KiB; a state a number for each of its width.
    package static let byteLimit = 256 << 10

    package var answer: AnswerID
    /// For the referee.
    package var state: [UInt8]

    package init(answer: AnswerID, state: [UInt8]) {
        self.answer = answer
        self.state = state
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(answer)
        writer.writePrefixed(state)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> ShownWitness {
        ShownWitness(answer: try reader.read(), state: try reader.readPrefixed(limit: byteLimit))
    }
}
