/// `GET /v1/accounts/{account}`: an account after the last block. Amounts are decimal strings of seeds (10⁻⁹ FIG).
public struct AccountReport: Codable, Hashable, Sendable {
    public var account: String
    public var balance: String
    public var stake: String
    public var unbonding: String
    /// 1, 2 or 3 (docs/ledger.md, reputation).
    public var reputationLevel: Int
    /// The node key the account has registered, hexadecimal.
    public var node: String?
    public var height: UInt64
    /// Payment channels of the node's own account; nil for others', which the node does not keep.
    public var channels: [ChannelReport]?

    public init(
        account: String, balance: String, stake: String, unbonding: String, reputationLevel: Int, node: String?,
        height: UInt64, channels: [ChannelReport]? = nil
    ) {
        self.account = account
        self.balance = balance
        self.stake = stake
        self.unbonding = unbonding
        self.reputationLevel = reputationLevel
        self.node = node
        self.height = height
        self.channels = channels
    }
}

/// `GET /v1/nonces/{signer}`: the nonce the next transaction of a key must carry, counting those that wait.
public struct NonceReport: Codable, Hashable, Sendable {
    public var signer: String
    public var next: UInt64

    public init(signer: String, next: UInt64) {
        self.signer = signer
        self.next = next
    }
}
