package import Keys
package import Wire

/// What the ledger knows of one account.
package struct Account: Hashable, Sendable, Canonical {
    /// Stake on its way back to the balance.
    package struct Unbonding: Hashable, Sendable, Canonical {
        /// The height it is free at.
        package var height: UInt64
        package var amount: Amount

        package func encode(into writer: inout ByteWriter) {
            writer.write(height)
            writer.write(amount)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Unbonding {
            Unbonding(height: try reader.readUInt64(), amount: try reader.read())
        }
    }

    /// Withdrawals one account can have under way: bounds its record.
    package static let unbondingLimit = 16

    package var balance: Amount
    package var stake: Amount
    /// By ascending height.
    package var unbonding: [Unbonding]
    /// The key that works for the account.
    package var node: NodeCertificate?
    package var reputation: Reputation
    /// Punished for a double signature: never a validator or a verifier again.
    package var isBanned: Bool
    /// Part of the stake that covers open answers: it cannot be withdrawn, nor cover anything else.
    package var locked: Amount
    /// For answers that were audited; ``reputation`` is for training and for verifying.
    package var inference: Reputation

    package init(
        balance: Amount = .zero, stake: Amount = .zero, unbonding: [Unbonding] = [], node: NodeCertificate? = nil,
        reputation: Reputation = Reputation(), isBanned: Bool = false,
        locked: Amount = .zero, inference: Reputation = Reputation()
    ) {
        self.balance = balance
        self.stake = stake
        self.unbonding = unbonding
        self.node = node
        self.reputation = reputation
        self.isBanned = isBanned
        self.locked = locked
        self.inference = inference
    }

    /// Stake that covers nothing yet.
    package var free: Amount { stake.subtracting(locked) ?? .zero }

    package var unbondingTotal: Amount { unbonding.reduce(.zero) { $0 + $1.amount } }

    /// Whether `key` works for the account.
    /// - Parameter time: milliseconds since 1970, to tell an expired key.
    func isNode(_ key: PublicKey, at time: UInt64?) -> Bool {
        guard let node, node.node == key else { return false }
        guard let seconds = time.map({ $0 / 1000 }) else { return true }
        return node.issued <= seconds && seconds < node.expires
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(balance)
        writer.write(stake)
        writer.write(list: unbonding)
        writer.write(optional: node)
        writer.write(reputation)
        writer.write(isBanned)
        writer.write(locked)
        writer.write(inference)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Account {
        Account(
            balance: try reader.read(), stake: try reader.read(), unbonding: try reader.readList(limit: unbondingLimit),
            node: try reader.readOptional(), reputation: try reader.read(), isBanned: try reader.readBool(),
            locked: try reader.read(), inference: try reader.read())
    }
}
