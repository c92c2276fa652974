package import Keys

/// What a block says of the rounds of training jobs.
extension LedgerEvent {
    package struct RoundOpened: Hashable, Sendable {
        package var job: Digest
        package var round: UInt32
        package var model: Digest
        /// Fixes the order of the training samples.
        package var seed: Digest
        /// Last height for receipts.
        package var deadline: UInt64
    }

    package struct AuditOpened: Hashable, Sendable {
        package var job: Digest
        package var round: UInt32
        package var committees: [Committee]
        /// What the members' own draws are made over.
        package var seed: Digest
        package var deadline: UInt64
    }

    package struct RoundSettled: Hashable, Sendable {
        package var job: Digest
        package var round: UInt32
        package var model: Digest
        package var payments: [Movement]
        package var slashes: [Movement]
    }
}

/// What a committee made of an update.
package enum UpdateOutcome: Hashable, Sendable {
    case accepted
    case rejected(Fault)
    /// The committee did not come to an end in time: not paid, not slashed.
    case unverified
}

/// The verifiers drawn for one receipt.
package struct Committee: Hashable, Sendable {
    package var worker: AccountID
    package var receipt: Digest
    package var members: [AccountID]

    package init(worker: AccountID, receipt: Digest, members: [AccountID]) {
        self.worker = worker
        self.receipt = receipt
        self.members = members
    }
}
