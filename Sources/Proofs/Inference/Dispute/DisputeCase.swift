internal import Models
package import Wire

/// All that a dispute starts from: the claim, the exchange it is about, and the model. Whoever has it needs nothing else to conduct it.
package struct DisputeCase: Canonical, Hashable {
    package let claim: DisputeStatement.Claim
    package let exchange: Exchange
    package let model: ModelDescription

    package init(claim: DisputeStatement.Claim, exchange: Exchange, model: ModelDescription) {
        self.claim = claim
        self.exchange = exchange
        self.model = model
    }

    package enum Refusal: Error, Hashable, Sendable {
        /// The exchange is not what anybody signed, or names another model.
        case noExchange(InferenceFault)
        /// What is said of the model does not show what it is.
        case model
        case noSuchStep
        case tooLarge(DisputeSize)
    }

    package enum Finding: Sendable {
        case statement(DisputeStatement)
        /// The provider's own signatures show that it is wrong.
        case evident(InferenceFault)
    }

    /// What there is to decide. Whether it may be decided, by what the request asked for, is for whoever conducts it to know.
    /// - Parameter limit: of whoever conducts it; the state counts with the case.
    package func examine(limit: DisputeSize) throws(Refusal) -> Finding {
        guard let layout = model.layout, layout.root == exchange.request.request.model else { throw .model }
        if let fault = exchange.faultWithoutTokenizer(layout.shape) {
            guard fault.blamesProvider else { throw .noExchange(fault) }
            return .evident(fault)
        }
        guard let statement = DisputeStatement(claim, about: exchange, layout: layout) else { throw .noSuchStep }
        let size = DisputeSize(statement, identity: model.identity)
        guard size.move <= limit.move, size.state + canonicalBytes.count <= limit.state else { throw .tooLarge(size) }
        return .statement(statement)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(claim)
        writer.write(exchange)
        writer.write(model)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> DisputeCase {
        DisputeCase(claim: try reader.read(), exchange: try reader.read(), model: try reader.read())
    }
}

extension DisputeStatement.Claim: Canonical {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .transcript: writer.write(UInt8(0))
        case .token(let step):
            writer.write(UInt8(1))
            writer.write(UInt32(clamping: step))
        case .unnamed: writer.write(UInt8(2))
        }
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> DisputeStatement.Claim {
        switch try reader.readUInt8() {
        case 0: .transcript
        case 1: .token(step: Int(try reader.readUInt32()))
        case 2: .unnamed
        case let tag: throw .unknownTag(UInt64(tag), of: "DisputeStatement.Claim")
        }
    }
}

extension DisputeCase.Refusal: CustomStringConvertible {
    /// For people.
    package var description: String {
        switch self {
        case .noExchange(let fault): "this is no exchange: \(fault)"
        case .model: "what is shown of the model is not the model that the request names"
        case .noSuchStep: "the answer has no such step"
        case .tooLarge(let size):
            "a move may take \(size.move) bytes and the state of the dispute \(size.state), more than a ledger takes"
        }
    }
}
