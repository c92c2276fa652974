extension NodeEvent {
    /// This node has answered a question of another's.
    public struct Served: Codable, Hashable, Sendable {
        /// Hexadecimal digest of the request.
        public var request: String
        public var client: String
        public var promptTokens: Int
        public var outputTokens: Int
        /// In seeds, a decimal string.
        public var price: String
        public var seconds: Double
        public init(
            request: String, client: String, promptTokens: Int, outputTokens: Int, price: String, seconds: Double
        ) {
            self.request = request
            self.client = client
            self.promptTokens = promptTokens
            self.outputTokens = outputTokens
            self.price = price
            self.seconds = seconds
        }
    }

    /// A question was taken back, or its asker was gone, before this node's answer was whole: nothing is owed for it.
    public struct Abandoned: Codable, Hashable, Sendable {
        /// Hexadecimal digest of the request.
        public var request: String
        /// Tokens that were computed in vain.
        public var outputTokens: Int
        public init(request: String, outputTokens: Int) {
            self.request = request
            self.outputTokens = outputTokens
        }
    }

    /// This node, told to cheat, answered with work that it did not do.
    public struct Deceived: Codable, Hashable, Sendable {
        public var request: String
        /// One of the kinds of `banyan lab provider --cheat`.
        public var kind: String
        public init(request: String, kind: String) {
            self.request = request
            self.kind = kind
        }
    }

    /// This node computed another's answer again: its own question's, or as a drawn verifier.
    public struct Checked: Codable, Hashable, Sendable {
        public var request: String
        public var provider: String
        public var check: Question.Check
        /// What was wrong, e.g. "token 7: 281 was sampled, 304 answered"; nil when all was right.
        public var fault: String?
        /// Positions that were computed again.
        public var positions: Int
        public var seconds: Double
        public init(
            request: String, provider: String, check: Question.Check, fault: String?, positions: Int, seconds: Double
        ) {
            self.request = request
            self.provider = provider
            self.check = check
            self.fault = fault
            self.positions = positions
            self.seconds = seconds
        }
    }

    /// The ledger decided on one answer.
    public struct Judged: Codable, Hashable, Sendable {
        public var request: String
        public var provider: String
        /// Of a dispute with a member of the committee about what it has found: that member.
        public var member: String?
        /// `accepted` or `rejected`.
        public var outcome: String
        public var reason: String?
        public var height: UInt64
        public var payments: [Movement]
        public var slashes: [Movement]
        public init(
            request: String, provider: String, member: String? = nil, outcome: String, reason: String?, height: UInt64,
            payments: [Movement], slashes: [Movement]
        ) {
            self.request = request
            self.provider = provider
            self.member = member
            self.outcome = outcome
            self.reason = reason
            self.height = height
            self.payments = payments
            self.slashes = slashes
        }
    }
}
