internal import Models
internal import Proofs
internal import Wire

/// What a provider that breaks the protocol writes in place of each honest message. Pure.
struct WireScript {
    /// What goes to the stream.
    enum Line {
        case message(InferenceMessage)
        case bytes([UInt8])
        /// Again and again, for ever, until the other side has had enough.
        case forever([UInt8])
        /// Tokens from this index on, for ever.
        case tokensForever(first: UInt32)
        /// Nothing more.
        case silence
    }

    /// As many frames as fit into one write.
    private static let flood = 1 << 16

    private let kind: WireCheat
    private var held: InferenceMessage?
    private var count: UInt32 = 0

    init(_ kind: WireCheat) { self.kind = kind }

    /// - Parameter former: what ended the first answer, if there was one.
    mutating func lines(for message: InferenceMessage, former: ReceiptSeal?) -> [Line] {
        switch message {
        case .accepted: [.message(message)] + afterAcceptance(message)
        case .tokens(let first, let tokens): lines(first, tokens)
        case .final(let seal, let stop): lines(seal, stop, former)
        default: [.message(message)]
        }
    }

    private func afterAcceptance(_ message: InferenceMessage) -> [Line] {
        switch kind {
        case .oversizeFrame: [.bytes(Self.prefix(of: 1 << 30)), .forever([UInt8](repeating: 7, count: Self.flood))]
        case .emptyFrames: [.forever([UInt8](repeating: 0, count: Self.flood))]
        case .garbage: [.forever((0..<Self.flood).map { UInt8(truncatingIfNeeded: 0xa5 ^ ($0 &* 197)) })]
        case .repeatedAcceptance: [.forever(Self.frame(message))]
        default: []
        }
    }

    private mutating func lines(_ first: UInt32, _ tokens: [TokenID]) -> [Line] {
        count = first + UInt32(tokens.count)
        let message = InferenceMessage.tokens(first: first, tokens)
        switch kind {
        case .swappedTokens: return [.message(.tokens(first: first + 1, tokens))]
        case .repeatedTokens: return [.message(message), .message(message)]
        case .halfFrame:
            let bytes = Self.frame(message)
            return [.bytes(Array(bytes.prefix(bytes.count / 2))), .silence]
        case .earlyReceipt:
            defer { held = message }
            return [held].compactMap(\.self).map(Line.message)
        default: return [.message(message)]
        }
    }

    private mutating func lines(_ seal: ReceiptSeal, _ stop: StopReason, _ former: ReceiptSeal?) -> [Line] {
        let message = InferenceMessage.final(seal, stop: stop)
        switch kind {
        case .endlessTokens: return [.tokensForever(first: count)]
        case .foreignReceipt: return [.message(.final(former ?? seal, stop: stop))]
        case .earlyReceipt: return [.message(message)] + [held.take()].compactMap(\.self).map(Line.message)
        default: return [.message(message)]
        }
    }

    static func frame(_ message: InferenceMessage) -> [UInt8] {
        var writer = ByteWriter()
        writer.writePrefixed(message.bytes)
        return writer.bytes
    }

    private static func prefix(of length: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.writeVarint(length)
        return writer.bytes
    }
}
