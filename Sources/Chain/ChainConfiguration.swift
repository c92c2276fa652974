package import Consensus
package import Ledger

/// How a node runs its chain. None of it is agreed upon: two nodes may differ.
package struct ChainConfiguration: Hashable, Sendable {
    package var timeouts: TimeoutSchedule
    package var timeRules: TimeRules
    /// With transactions waiting, a block follows the one before after this many milliseconds.
    package var minimumInterval: UInt64
    /// Without any, after this many.
    package var emptyBlockInterval: UInt64
    /// How often a node asks one of its peers how far it is, in milliseconds.
    package var syncInterval: UInt64
    /// A peer that did not answer after this many milliseconds is passed over for a while.
    package var syncDeadline: UInt64
    /// A snapshot of the state is written each time the height is a multiple of this.
    package var snapshotInterval: UInt64
    package var mempool: Mempool.Limits
    /// The operator's word that this node's key signed nothing above this height, for when the journal does not know; nil for none.
    package var signedThrough: Height?
    /// The journal of a height is begun anew when it has grown above this many bytes.
    package var journalLimit: Int
    /// Milliseconds between two tries of a write that the disk did not take, at first and at last.
    package var diskPauses: ClosedRange<UInt64>

    package init(
        timeouts: TimeoutSchedule = .local, timeRules: TimeRules = TimeRules(), minimumInterval: UInt64 = 50,
        emptyBlockInterval: UInt64 = 1_000, syncInterval: UInt64 = 500, syncDeadline: UInt64 = 5_000,
        snapshotInterval: UInt64 = 100, mempool: Mempool.Limits = Mempool.Limits(), journalLimit: Int = 4 << 20,
        diskPauses: ClosedRange<UInt64> = 250...8_000
    ) {
        self.timeouts = timeouts
        self.timeRules = timeRules
        self.minimumInterval = minimumInterval
        self.emptyBlockInterval = emptyBlockInterval
        self.syncInterval = syncInterval
        self.syncDeadline = syncDeadline
        self.snapshotInterval = snapshotInterval
        self.mempool = mempool
        self.journalLimit = journalLimit
        self.diskPauses = diskPauses
    }

    /// The defaults, with the intervals that the genesis states.
    package init(parameters: Parameters) {
        self.init(
            minimumInterval: UInt64(parameters.blockInterval),
            emptyBlockInterval: UInt64(parameters.emptyBlockInterval))
    }
}
