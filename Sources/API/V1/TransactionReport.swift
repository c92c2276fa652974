/// `POST /v1/transactions`: the canonical bytes of a signed transaction.
package struct TransactionSubmission: Codable, Hashable, Sendable {
    /// Hexadecimal canonical bytes.
    package var transaction: String
    package init(transaction: String) { self.transaction = transaction }
}

/// What became of a transaction.
package struct TransactionReport: Codable, Hashable, Sendable {
    package enum Outcome: String, Codable, Sendable { case pending, committed, failed, unknown }
    package var id: String
    package var outcome: Outcome
    /// The block it is in; nil while it waits.
    package var height: UInt64?
    /// Why it failed; its fee is spent all the same.
    package var reason: String?

    package init(id: String, outcome: Outcome, height: UInt64? = nil, reason: String? = nil) {
        self.id = id
        self.outcome = outcome
        self.height = height
        self.reason = reason
    }
}
