package import Wire

/// Why a provider does not answer a question, in words and as a code that programs compare.
package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: UInt8, Hashable, Sendable, CaseIterable {
        case unknownModel = 1
        /// The provider does not offer this way of proving.
        case unsupportedVerification = 2
        /// Prompt and answer do not fit into the model's context.
        case tooLong = 3
        /// The request offers less than the provider asks.
        case tooCheap = 4
        /// As many questions wait as the provider takes.
        case busy = 5
        /// As many questions of this peer are here as one peer may have.
        case tooManyFromPeer = 6
        /// The request is not for this provider, not signed by its client, or does not decode.
        case badRequest = 7
        /// The same request is being answered already.
        case duplicate = 8
        /// The provider is leaving in good order.
        case leaving = 9
        /// Something of the provider's own broke.
        case failed = 10
        /// The client has no channel that could pay for the answer.
        case unpayable = 11
        /// The provider does not keep what was asked for any more.
        case forgotten = 12
        /// The provider's stake does not cover what the answer would risk.
        case uncovered = 13

        /// Whether the same provider may well say yes a little later.
        package var isTemporary: Bool {
            switch self {
            case .busy, .tooManyFromPeer, .leaving, .failed: true
            default: false
            }
        }
    }

    /// In bytes of UTF-8: a sentence.
    package static let messageLimit = 512

    package let code: Code
    package let message: String

    /// - Parameter message: which value, and what to do; cut at ``messageLimit``.
    package init(_ code: Code, _ message: String) {
        self.code = code
        var text = message
        while text.utf8.count > Self.messageLimit { text.removeLast() }
        self.message = text
    }

    package var description: String { message }

    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        writer.write(1, varint: UInt64(code.rawValue))
        writer.write(2, string: message)
        return writer.bytes
    }

    package init(bytes: [UInt8]) throws(WireError) {
        var code: Code?
        var message = ""
        var reader = ProtobufReader(bytes, fieldLimit: 64)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                let number = try field.varint()
                // A code of a later version is a failure of a kind that is not known here.
                code = UInt8(exactly: number).flatMap(Code.init(rawValue:)) ?? .failed
            case 2: message = try field.string(limit: Self.messageLimit)
            default: break
            }
        }
        guard let code else { throw .invalid("a refusal without a code") }
        self.init(code, message)
    }
}
