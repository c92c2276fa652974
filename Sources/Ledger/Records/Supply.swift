package import Wire

/// Where the token is. After every block the parts add up to what the genesis minted.
package struct Supply: Hashable, Sendable, Canonical {
    package var minted: Amount
    package var balances: Amount
    package var staked: Amount
    package var unbonding: Amount
    package var escrowed: Amount
    package var treasury: Amount
    /// What payment channels hold.
    package var channels: Amount
    /// Bonds of accusers while the audit runs, and of who has opened a dispute while that does; what providers were slashed, while they can
    /// appeal.
    package var bonds: Amount
    /// Pays the committees that audit answers.
    package var auditPool: Amount

    /// The sum of the parts.
    package var accounted: Amount {
        Amount(seeds: parts.reduce(0) { $0 &+ $1.seeds })
    }

    private var parts: [Amount] {
        [balances, staked, unbonding, escrowed, treasury, channels, bonds, auditPool]
    }

    package var isConserved: Bool { accounted == minted }

    package func encode(into writer: inout ByteWriter) {
        for part in [minted] + parts { writer.write(part) }
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> Supply {
        Supply(
            minted: try reader.read(), balances: try reader.read(), staked: try reader.read(),
            unbonding: try reader.read(), escrowed: try reader.read(), treasury: try reader.read(),
            channels: try reader.read(), bonds: try reader.read(), auditPool: try reader.read())
    }
}
