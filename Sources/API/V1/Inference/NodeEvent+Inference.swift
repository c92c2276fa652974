extension NodeEvent {
    /// This node has answered a question of another's.
    package struct Served: Codable, Hashable, Sendable {
        /// Hexadecimal digest of the request.
        package var request: String
        package var client: String
        package var promptTokens: Int
        package var outputTokens: Int
        /// In seeds, a decimal string.
        package var price: String
        package var seconds: Double
        package init(
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

    /// This node, told to cheat, answered with work that it did not do.
    package struct Deceived: Codable, Hashable, Sendable {
        package var request: String
        /// One of the kinds of `banyan lab provider --cheat`.
        package var kind: String
        package init(request: String, kind: String) {
            self.request = request
            self.kind = kind
        }
    }

    /// This node computed another's answer again: its own question's, or as a drawn verifier.
    package struct Checked: Codable, Hashable, Sendable {
        package var request: String
        package var provider: String
        package var check: Question.Check
        /// What was wrong, e.g. "token 7: 281 was sampled, 304 answered"; nil when all was right.
        package var fault: String?
        /// Positions that were computed again.
        package var positions: Int
        package var seconds: Double
        package init(
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
    package struct Judged: Codable, Hashable, Sendable {
        package var request: String
        package var provider: String
        /// `accepted` or `rejected`.
        package var outcome: String
        package var reason: String?
        package var height: UInt64
        package var payments: [Movement]
        package var slashes: [Movement]
        package init(
            request: String, provider: String, outcome: String, reason: String?, height: UInt64, payments: [Movement],
            slashes: [Movement]
        ) {
            self.request = request
            self.provider = provider
            self.outcome = outcome
            self.reason = reason
            self.height = height
            self.payments = payments
            self.slashes = slashes
        }
    }
}
