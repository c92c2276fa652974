package import Keys
package import Models
package import Proofs
package import Wire

/// A frame of `/banyan/inference/1`: a protobuf message in which exactly one field is set.
///
/// The client opens a stream and sends ``quote(_:)`` or ``request(_:)``. A request is answered by ``accepted(seed:waiting:)``,
/// ``tokens(first:_:)`` as they come, and ``final(_:stop:)``; the client then may send a ``voucher(_:)``. Where an answer costs
/// something, the request follows a first voucher, which names the channel. Each voucher is answered by ``paid``. Either side ends
/// the conversation at any time: the provider by ``refused(_:)``, the client by ``cancel`` or by resetting the stream.
package enum InferenceMessage: Hashable, Sendable {
    case quote(ModelChoice)
    case quoted(Quote)
    case request(SignedRequest)
    /// The question is taken; `waiting` others come first. The proof fixes the seed before the first token.
    case accepted(seed: VRFProof, waiting: UInt32)
    /// Tokens of the answer from index `first` on; never empty.
    case tokens(first: UInt32, [TokenID])
    /// The answer is whole. Its tokens are those that were sent, and its receipt is what the client makes of them with this.
    case final(ReceiptSeal, stop: StopReason)
    /// Pays for the answer; the ledger says what is in it.
    case voucher([UInt8])
    case paid
    case cancel
    case refused(Refusal)

    package static let protocolID = "/banyan/inference/1"
    /// The longest frame of a client: a request with a prompt of 131,072 tokens of at most five bytes, and room.
    package static let requestLimit = 704 << 10
    /// The longest frame of a provider: 1,024 tokens, and room.
    package static let answerLimit = 16 << 10
    /// Tokens in one frame.
    package static let tokenLimit = 1024
    static let voucherLimit = 4096

    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        switch self {
        case .quote(let choice): writer.write(1, bytes: choice.bytes)
        case .quoted(let quote): writer.write(2, bytes: quote.bytes)
        case .request(let request): writer.write(3, bytes: request.canonicalBytes)
        case .accepted(let seed, let waiting):
            writer.write(4) { inner in
                inner.write(1, bytes: seed.bytes)
                inner.write(2, varint: UInt64(waiting))
            }
        case .tokens(let first, let tokens):
            writer.write(5) { inner in
                inner.write(1, varint: UInt64(first))
                inner.write(2, bytes: PackedTokens.encode(tokens))
            }
        case .final(let seal, let stop):
            writer.write(6) { inner in
                inner.write(1, bytes: seal.canonicalBytes)
                inner.write(2, varint: UInt64(stop.rawValue))
            }
        case .voucher(let bytes): writer.write(7, bytes: bytes)
        case .paid: writer.write(8, bytes: [])
        case .cancel: writer.write(9, bytes: [])
        case .refused(let refusal): writer.write(10, bytes: refusal.bytes)
        }
        return writer.bytes
    }

    package init(bytes: [UInt8]) throws(WireError) {
        var reader = ProtobufReader(bytes, fieldLimit: 64)
        var found: InferenceMessage?
        while let field = try reader.next() {
            guard (1...10).contains(field.number) else { continue }
            guard found == nil else { throw .invalid("two messages in one frame") }
            found = try Self.message(field)
        }
        guard let found else { throw .invalid("a frame without a message known here") }
        self = found
    }

    private static func message(_ field: ProtobufReader.Field) throws(WireError) -> InferenceMessage {
        switch field.number {
        case 1: .quote(try ModelChoice(bytes: try field.bytes(limit: 256)))
        case 2: .quoted(try Quote(bytes: try field.bytes(limit: 1024)))
        case 3: .request(try SignedRequest(canonicalBytes: try field.bytes(limit: requestLimit)))
        case 4: try accepted(try field.message(limit: 256))
        case 5: try tokens(try field.message(limit: answerLimit))
        case 6: try final(try field.message(limit: 256))
        case 7: .voucher(try field.bytes(limit: voucherLimit))
        case 8: .paid
        case 9: .cancel
        default: .refused(try Refusal(bytes: try field.bytes(limit: 1024)))
        }
    }

    private static func accepted(_ message: ProtobufReader) throws(WireError) -> InferenceMessage {
        var reader = message
        var seed: VRFProof?
        var waiting: UInt32 = 0
        while let field = try reader.next() {
            switch field.number {
            case 1: seed = VRFProof(bytes: try field.bytes(limit: VRFProof.length))
            case 2: waiting = UInt32(clamping: try field.varint())
            default: break
            }
        }
        guard let seed else { throw .invalid("an acceptance without the proof of a seed") }
        return .accepted(seed: seed, waiting: waiting)
    }

    private static func tokens(_ message: ProtobufReader) throws(WireError) -> InferenceMessage {
        var reader = message
        var first: UInt32 = 0
        var tokens: [TokenID] = []
        while let field = try reader.next() {
            switch field.number {
            case 1:
                guard let index = UInt32(exactly: try field.varint()) else { throw .invalid("an index of a token") }
                first = index
            case 2: tokens = try PackedTokens.decode(try field.bytes(limit: answerLimit), limit: tokenLimit)
            default: break
            }
        }
        guard !tokens.isEmpty else { throw .invalid("a frame of no tokens") }
        return .tokens(first: first, tokens)
    }

    private static func final(_ message: ProtobufReader) throws(WireError) -> InferenceMessage {
        var reader = message
        var seal: ReceiptSeal?
        var stop: StopReason?
        while let field = try reader.next() {
            switch field.number {
            case 1: seal = try ReceiptSeal(canonicalBytes: try field.bytes(limit: 256))
            case 2: stop = UInt8(exactly: try field.varint()).flatMap(StopReason.init(rawValue:))
            default: break
            }
        }
        guard let seal, let stop else { throw .invalid("an end without the seal of a receipt, or without reason") }
        return .final(seal, stop: stop)
    }
}
