/// `GET /v1/accounts/{account}`: an account after the last block. Amounts are decimal strings of seeds (10⁻⁹ FIG).
package struct AccountReport: Codable, Hashable, Sendable {
    package var account: String
    package var balance: String
    package var stake: String
    package var unbonding: String
    /// 1, 2 or 3 (docs/ledger.md, reputation).
    package var reputationLevel: Int
    /// The node key the account has registered, hexadecimal.
    package var node: String?
    package var height: UInt64

    package init(
        account: String, balance: String, stake: String, unbonding: String, reputationLevel: Int, node: String?,
        height: UInt64
    ) {
        self.account = account
        self.balance = balance
        self.stake = stake
        self.unbonding = unbonding
        self.reputationLevel = reputationLevel
        self.node = node
        self.height = height
    }
}

/// `GET /v1/nonces/{signer}`: the nonce the next transaction of a key must carry, counting those that wait.
package struct NonceReport: Codable, Hashable, Sendable {
    package var signer: String
    package var next: UInt64

    package init(signer: String, next: UInt64) {
        self.signer = signer
        self.next = next
    }
}
