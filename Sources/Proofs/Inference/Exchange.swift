package import Keys
package import Models
package import Wire

/// One question with its answer and receipt: what a client keeps, and anybody can check without asking anybody.
package struct Exchange: Canonical, Hashable {
    package let request: SignedRequest
    package let answer: Answer
    package let receipt: SignedReceipt

    package init(request: SignedRequest, answer: Answer, receipt: SignedReceipt) {
        self.request = request
        self.answer = answer
        self.receipt = receipt
    }

    /// What the answer costs, in seeds.
    package var price: UInt64 { request.request.price(tokens: answer.output.count) }

    /// The tokens that were fed to the model, position by position: all but the last, which nothing follows.
    package var fedTokens: [TokenID] { request.request.prompt + answer.output.dropLast() }

    package func encode(into writer: inout ByteWriter) {
        writer.write(request)
        writer.write(answer)
        writer.write(receipt)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Exchange {
        Exchange(request: try reader.read(), answer: try reader.read(), receipt: try reader.read())
    }
}
