/// `POST /v1/transactions`: the canonical bytes of a signed transaction.
public struct TransactionSubmission: Codable, Hashable, Sendable {
    /// Hexadecimal canonical bytes.
    public var transaction: String
    public init(transaction: String) { self.transaction = transaction }
}

/// What became of a transaction.
public struct TransactionReport: Codable, Hashable, Sendable {
    public enum Outcome: String, Codable, Sendable { case pending, committed, failed, unknown }
    public var id: String
    public var outcome: Outcome
    /// The block it is in; nil while it waits.
    public var height: UInt64?
    /// Why it failed; its fee is spent all the same.
    public var reason: String?

    public init(id: String, outcome: Outcome, height: UInt64? = nil, reason: String? = nil) {
        self.id = id
        self.outcome = outcome
        self.height = height
        self.reason = reason
    }
}
