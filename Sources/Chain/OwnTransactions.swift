package import Keys

/// The transactions of this node's user that wait for a block, and when each was last told to the others.
///
/// A transaction is published when it is taken. A node that had no peers then, or whose peers lacked the transaction before it, would keep it
/// to itself, and every later one of the same key with it, since nonces leave no gap: so it is said again until a block has it.
package struct OwnTransactions: Hashable, Sendable {
    /// Milliseconds until a transaction is said again: some blocks.
    package static let pause: UInt64 = 4_000
    /// What is said again at once: the oldest, so that a load of them does not fill the wire.
    package static let limit = 64

    private struct Entry: Hashable, Sendable {
        let id: Digest
        /// In milliseconds since 1970.
        var said: UInt64
    }

    /// In the order in which they came, which is that of the nonces.
    private var entries: [Entry] = []

    package init() {}

    package var count: Int { entries.count }

    /// It was just published.
    package mutating func note(_ id: Digest, at now: UInt64) {
        if let index = entries.firstIndex(where: { $0.id == id }) {
            entries[index].said = now
        } else {
            entries.append(Entry(id: id, said: now))
        }
    }

    /// Forgets what waits no longer, and says what is to be published again now.
    package mutating func due(at now: UInt64, waits: (Digest) -> Bool) -> [Digest] {
        entries.removeAll { !waits($0.id) }
        var due: [Digest] = []
        for index in entries.indices where due.count < Self.limit && now >= entries[index].said &+ Self.pause {
            entries[index].said = now
            due.append(entries[index].id)
        }
        return due
    }
}
