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
    /// Whether an answer of this provider could be paid up to so many seeds; opens or tops up what is needed.
    func prepare(_ provider: AccountID, upTo seeds: UInt64) async throws
    /// The bytes that pay for one answer; the same exchange is paid once, however often this is called.
    func voucher(for exchange: Exchange, seeds: UInt64) async throws -> [UInt8]
    /// Brings a false answer before the ledger.
    func accuse(_ exchange: Exchange, _ fault: InferenceFault) async
}

/// Takes payments for answers.
package protocol Till: Sendable {
    /// Whether the client could pay so many seeds for an answer of this provider.
    func canPay(_ client: AccountID, _ seeds: UInt64) async -> Bool
    /// Accepts a payment for an answer.
    /// - Throws: when it is not worth `seeds` more than the last of this client.
    func take(_ voucher: [UInt8], for exchange: Exchange, seeds: UInt64) async throws
}

/// Checks answers on this machine.
package protocol Examiner: Sendable {
    /// As deep as asked for, or ``Examination/impossible(_:)``.
    func examine(_ exchange: Exchange, _ depth: Examination.Depth) async -> Examination
}
