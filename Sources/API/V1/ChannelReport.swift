/// One payment channel of a node's account. Amounts are decimal strings of seeds (10⁻⁹ FIG).
public struct ChannelReport: Codable, Hashable, Sendable {
    public enum Direction: String, Codable, Sendable {
        /// The node pays through it.
        case pays
        /// The node is paid through it.
        case earns
    }

    /// Hexadecimal: the transaction that opened it.
    public var channel: String
    public var direction: Direction
    /// Who is paid, or who pays.
    public var partner: String
    public var deposit: String
    /// What vouchers promise in all.
    public var promised: String
    /// What was taken out of it on the ledger.
    public var claimed: String
    /// What it can still pay, apart from what was promised.
    public var rest: String
    /// The height at which the rest goes back to the payer.
    public var end: UInt64
    /// The payer has closed it.
    public var isClosing: Bool

    public init(
        channel: String, direction: Direction, partner: String, deposit: String, promised: String, claimed: String,
        rest: String, end: UInt64, isClosing: Bool
    ) {
        self.channel = channel
        self.direction = direction
        self.partner = partner
        self.deposit = deposit
        self.promised = promised
        self.claimed = claimed
        self.rest = rest
        self.end = end
        self.isClosing = isClosing
    }
}
