package import Keys
package import Proofs

/// What the ledger says of accounts and keys, as inference needs it.
package protocol Registry: Sendable {
    func standing(of account: AccountID) async -> Standing
    /// Whether this key may sign for the account now: it is the account's own, or that of its registered node.
    func speaks(_ key: PublicKey, for account: AccountID) async -> Bool
}

/// What a provider has to lose, and how it has done so far.
package struct Standing: Hashable, Sendable {
    /// In seeds.
    package let stake: UInt64
    /// 0 = nothing known, 1…3 as on the ledger.
    package let level: UInt8

    package init(stake: UInt64, level: UInt8) {
        self.stake = stake
        self.level = level
    }

    package static let unknown = Standing(stake: 0, level: 0)
}

/// Where announcements go.
package protocol Announcements: Sendable {
    func publish(_ announcement: [UInt8]) async
}

/// Pays for answers and accuses liars. The ledger is behind it.
package protocol Settlement: Sendable {
    /// Makes sure that the answer can be paid up to the request's maximum, and notes that it may have to be: opens or tops up a channel.
    /// - Returns: the voucher to show the provider before the question; it names the channel.
    func prepare(_ request: InferenceRequest) async throws -> [UInt8]
    /// The bytes that pay for one answer; the same exchange is paid once, however often this is called.
    func voucher(for exchange: Exchange, seeds: UInt64) async throws -> [UInt8]
    /// The provider says that it has the voucher.
    func acknowledged(_ voucher: [UInt8]) async
    /// The question is over here. One that still owes something is looked after later.
    func release(_ job: Digest, owes: Bool) async
    /// Brings a false answer before the ledger: by a dispute where one is possible, else by an accusation.
    /// - Returns: the transaction, if the fault is the provider's and the bond could be paid.
    func accuse(_ exchange: Exchange, _ fault: InferenceFault) async -> Digest?
}

/// A way to show on the ledger that an answer is wrong, other than to accuse its provider.
package protocol Disputes: Sendable {
    /// Opens a dispute about an answer that was asked for with a window for them.
    /// - Returns: the transaction; nil when a dispute is no way to show this fault, or could not be opened.
    func open(_ exchange: Exchange, _ fault: InferenceFault) async -> Digest?
}

/// Takes payments for answers, and lets the provider's stake stand for them.
package protocol Till: Sendable {
    /// Takes a voucher that is for no answer yet.
    /// - Returns: its channel.
    func show(_ voucher: [UInt8]) async throws(Refusal) -> Digest
    /// Trusts the client with an answer before it pays.
    /// - Parameter channel: of the voucher that it has shown.
    func lend(_ request: InferenceRequest, channel: Digest?) async throws(Refusal)
    /// The answer is signed and goes out.
    func finish(_ exchange: Exchange) async
    /// There will be no answer.
    func release(_ job: Digest) async
    /// Takes the payment for an answer; a second time changes nothing.
    func take(_ voucher: [UInt8], for exchange: Exchange) async throws(Refusal)
}

/// Checks answers on this machine.
package protocol Examiner: Sendable {
    /// As deep as asked for, or ``Examination/impossible(_:)``.
    func examine(_ exchange: Exchange, _ depth: Examination.Depth) async -> Examination
}
