/// One line of the answer to a ``Question``: `{"event": "text", "text": "Bees", …}`.
///
/// `chosen`, then `text` again and again, then `checked` unless no check was wanted. When a provider fails, or its answer does not
/// stand the check, `retracted` says from where the text does not count any more, and it goes on with `chosen`. The last line is
/// `finished` or `failed`.
public enum AnswerEvent: Hashable, Sendable {
    case chosen(Chosen)
    case text(Text)
    case retracted(Retracted)
    case finished(Finished)
    case checked(Checked)
    case failed(Problem)

    /// Who answers from here on.
    public struct Chosen: Codable, Hashable, Sendable {
        /// `ban1…`
        public var provider: String
        public var peer: String
        /// The model as the provider calls it.
        public var model: String
        /// In seeds for each token, a decimal string.
        public var pricePerToken: String
        public var promptTokens: Int
        /// Tokens of the answer that are here already: 0, or more when another provider failed.
        public var resumedAt: Int
        /// Why another provider goes on; nil for the first.
        public var reason: String?

        public init(
            provider: String, peer: String, model: String, pricePerToken: String, promptTokens: Int, resumedAt: Int,
            reason: String? = nil
        ) {
            self.provider = provider
            self.peer = peer
            self.model = model
            self.pricePerToken = pricePerToken
            self.promptTokens = promptTokens
            self.resumedAt = resumedAt
            self.reason = reason
        }
    }

    /// Whole characters: what is incomplete at the end waits for the next token.
    public struct Text: Codable, Hashable, Sendable {
        public var text: String
        public var tokens: [UInt32]

        public init(text: String, tokens: [UInt32]) {
            self.text = text
            self.tokens = tokens
        }
    }

    /// What was shown is not part of the answer from here on: its provider has lied.
    public struct Retracted: Codable, Hashable, Sendable {
        /// So many tokens of the answer stay.
        public var keptTokens: Int
        public var provider: String
        public var reason: String

        public init(keptTokens: Int, provider: String, reason: String) {
            self.keptTokens = keptTokens
            self.provider = provider
            self.reason = reason
        }
    }

    /// The receipt is here, and its signatures and digests are right.
    public struct Finished: Codable, Hashable, Sendable {
        /// Hexadecimal digest of the request, by which `GET /v1/inference/receipts/{id}` finds the receipt.
        public var receipt: String
        public var provider: String
        /// `endOfText`, `length`, `stopToken` or `contextFull`.
        public var stop: String
        public var promptTokens: Int
        public var outputTokens: Int
        /// In seeds, a decimal string.
        public var price: String
        /// The payment channel, hexadecimal; nil when the answer was free, or could not be paid for yet.
        public var channel: String?
        /// In seeds, a decimal string: what the channel can still pay.
        public var channelRest: String?
        /// From the question to the last token.
        public var seconds: Double
        public var timeToFirstTokenSeconds: Double

        public init(
            receipt: String, provider: String, stop: String, promptTokens: Int, outputTokens: Int, price: String,
            channel: String? = nil, channelRest: String? = nil, seconds: Double, timeToFirstTokenSeconds: Double
        ) {
            self.receipt = receipt
            self.provider = provider
            self.stop = stop
            self.promptTokens = promptTokens
            self.outputTokens = outputTokens
            self.price = price
            self.channel = channel
            self.channelRest = channelRest
            self.seconds = seconds
            self.timeToFirstTokenSeconds = timeToFirstTokenSeconds
        }
    }

    /// The asking node has computed again what the question's check demands.
    public struct Checked: Codable, Hashable, Sendable {
        public var receipt: String
        public var provider: String
        public var check: Question.Check
        /// What was wrong, with the position; nil when all was right.
        public var fault: String?
        /// The layer of a `merkle` check.
        public var layer: Int?
        /// Positions that were computed again.
        public var positions: Int
        public var seconds: Double
        /// The transaction that accuses the provider; nil when there is nothing to accuse of.
        public var accusation: String?

        public init(
            receipt: String, provider: String, check: Question.Check, fault: String?, layer: Int?, positions: Int,
            seconds: Double, accusation: String? = nil
        ) {
            self.receipt = receipt
            self.provider = provider
            self.check = check
            self.fault = fault
            self.layer = layer
            self.positions = positions
            self.seconds = seconds
            self.accusation = accusation
        }
    }
}

extension AnswerEvent: Codable {
    private enum Kind: String, Codable { case chosen, text, retracted, finished, checked, failed }
    private enum Key: String, CodingKey { case event }

    public init(from decoder: any Decoder) throws {
        switch try decoder.container(keyedBy: Key.self).decode(Kind.self, forKey: .event) {
        case .chosen: self = .chosen(try Chosen(from: decoder))
        case .text: self = .text(try Text(from: decoder))
        case .retracted: self = .retracted(try Retracted(from: decoder))
        case .finished: self = .finished(try Finished(from: decoder))
        case .checked: self = .checked(try Checked(from: decoder))
        case .failed: self = .failed(try Problem(from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        let (kind, payload): (Kind, any Encodable) =
            switch self {
            case .chosen(let value): (.chosen, value)
            case .text(let value): (.text, value)
            case .retracted(let value): (.retracted, value)
            case .finished(let value): (.finished, value)
            case .checked(let value): (.checked, value)
            case .failed(let value): (.failed, value)
            }
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(kind, forKey: .event)
        try payload.encode(to: encoder)
    }
}
