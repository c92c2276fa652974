package import Keys
package import Models
package import Wire

/// The tokens of an answer in order, with the one that ended it, and why it ends there.
package struct Answer: Canonical, Hashable {
    /// At least one token: a model that is asked says something, if only that it has ended.
    package let output: [TokenID]
    package let stop: StopReason

    /// - Returns: nil when there is no token or more than ``InferenceRequest/tokenLimit``.
    package init?(output: [TokenID], stop: StopReason) {
        guard !output.isEmpty, output.count <= InferenceRequest.tokenLimit else { return nil }
        self.output = output
        self.stop = stop
    }

    /// The output of the receipt.
    package var id: Digest { digest("answer") }

    package func encode(into writer: inout ByteWriter) {
        writer.write(tokens: output)
        writer.write(stop)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Answer {
        let output = try reader.readTokens(limit: InferenceRequest.tokenLimit)
        guard let answer = Answer(output: output, stop: try reader.read()) else {
            throw .invalid("an answer without a token")
        }
        return answer
    }
}
