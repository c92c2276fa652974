package import Keys

/// What the ledger must know about a block besides its transactions; the caller has verified all of it.
package struct BlockContext: Hashable, Sendable {
    package var height: UInt64
    /// Time of the header, milliseconds since 1970.
    package var time: UInt64
    package var proposer: AccountID
    /// The block's random value, from the proposer's VRF over the last one.
    package var beacon: Digest
    /// Who signed the block before.
    package var signers: [AccountID]
    /// Proven misbehaviour that the block reports.
    package var offences: [Offence]

    package init(
        height: UInt64, time: UInt64, proposer: AccountID, beacon: Digest, signers: [AccountID] = [],
        offences: [Offence] = []
    ) {
        self.height = height
        self.time = time
        self.proposer = proposer
        self.beacon = beacon
        self.signers = signers
        self.offences = offences
    }
}

/// A proven double signature of a validator.
package struct Offence: Hashable, Sendable {
    package var account: AccountID
    /// The height it happened at.
    package var height: UInt64

    package init(account: AccountID, height: UInt64) {
        self.account = account
        self.height = height
    }
}
