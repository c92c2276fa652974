/// `POST /v1/inference/answers`: what to ask, of whom, for how much, and how to check the answer.
///
/// The answer is a stream of ``AnswerEvent``, one JSON object a line.
public struct Question: Codable, Hashable, Sendable {
    public struct Message: Codable, Hashable, Sendable {
        /// `system`, `user` or `assistant`.
        public var role: String
        public var content: String

        public init(role: String, content: String) {
            self.role = role
            self.content = content
        }
    }

    /// How the asking node checks the answer before it calls it good.
    public enum Check: String, Codable, CaseIterable, Sendable {
        /// Signatures and digests only.
        case none
        /// One layer, drawn after the receipt is signed, is computed again over all positions, and the tokens drawn at some.
        case merkle
        /// Every position is computed again, and every token drawn.
        case full
    }

    /// A name in the node's model store, or the hexadecimal digest of a model.
    public var model: String
    /// A conversation, put into the model's own chat template.
    public var messages: [Message]
    /// Instead of messages: text that goes to the model as it is.
    public var prompt: String?
    /// The longest answer, in tokens.
    public var maximumTokens: Int
    /// 0 takes the likeliest token always; at most 10.
    public var temperature: Double
    /// Draw from so many of the likeliest tokens only; 0 = all.
    public var topK: Int
    /// Draw from the likeliest tokens that have this share together, 0…1.
    public var topP: Double
    /// Draw from tokens at least this share as likely as the likeliest, 0…1.
    public var minP: Double
    /// `none`, `merkle`, `fraud` or `zk`: what the provider commits itself to.
    public var verification: String
    public var check: Check
    /// In seeds for the whole answer, a decimal string; nil = whatever is asked.
    public var maximumPrice: String?
    /// The account or peer id that shall answer; nil = the best of all.
    public var provider: String?
    /// Makes the request's nonce, so that the same question to the same provider is the same request; nil = a fresh one.
    public var nonce: String?
    /// A name for as long as the answer comes, of the asker's choice, hard to guess: `DELETE /v1/inference/answers/{id}` takes the
    /// question back. Closing the connection does as well, once the node notices.
    public var id: String?

    public init(
        model: String, messages: [Message] = [], prompt: String? = nil, maximumTokens: Int = 256,
        temperature: Double = 0, topK: Int = 0, topP: Double = 1, minP: Double = 0, verification: String = "merkle",
        check: Check = .merkle, maximumPrice: String? = nil, provider: String? = nil, nonce: String? = nil,
        id: String? = nil
    ) {
        self.model = model
        self.messages = messages
        self.prompt = prompt
        self.maximumTokens = maximumTokens
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.verification = verification
        self.check = check
        self.maximumPrice = maximumPrice
        self.provider = provider
        self.nonce = nonce
        self.id = id
    }
}

extension Question {
    /// What a program leaves out takes its default; only the model must be named.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, into value: inout Value) throws {
            value = try container.decodeIfPresent(Value.self, forKey: key) ?? value
        }
        self.init(model: try container.decode(String.self, forKey: .model))
        try read(.messages, into: &messages)
        prompt = try container.decodeIfPresent(String.self, forKey: .prompt)
        try read(.maximumTokens, into: &maximumTokens)
        try read(.temperature, into: &temperature)
        try read(.topK, into: &topK)
        try read(.topP, into: &topP)
        try read(.minP, into: &minP)
        try read(.verification, into: &verification)
        try read(.check, into: &check)
        maximumPrice = try container.decodeIfPresent(String.self, forKey: .maximumPrice)
        provider = try container.decodeIfPresent(String.self, forKey: .provider)
        nonce = try container.decodeIfPresent(String.self, forKey: .nonce)
        id = try container.decodeIfPresent(String.self, forKey: .id)
    }
}
