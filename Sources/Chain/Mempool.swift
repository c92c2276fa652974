package import Keys
package import Ledger
internal import Wire

/// The transactions that wait for a block: bounded, checked against the last state, in order of fee, and of nonce within a key.
///
/// A pure value. When it is full it takes only what pays more than the cheapest it holds, so that load is shed at the door.
package struct Mempool: Sendable {
    package struct Limits: Hashable, Sendable {
        package var transactions: Int
        package var bytes: Int
        /// Of one key.
        package var perSigner: Int
        /// How many blocks a transaction may wait.
        package var lifetime: UInt64

        package init(transactions: Int = 5_000, bytes: Int = 16 << 20, perSigner: Int = 256, lifetime: UInt64 = 1_000) {
            self.transactions = transactions
            self.bytes = bytes
            self.perSigner = perSigner
            self.lifetime = lifetime
        }
    }

    private let limits: Limits
    /// By key, in order of nonce, without a gap.
    private var queues: [PublicKey: [MempoolEntry]] = [:]
    private var ids: Set<Digest> = []
    private var arrivals: UInt64 = 0
    /// In bytes.
    private(set) package var size = 0

    package init(limits: Limits) { self.limits = limits }

    package var count: Int { ids.count }
    package var isEmpty: Bool { ids.isEmpty }

    package func contains(_ id: Digest) -> Bool { ids.contains(id) }

    /// The ids of all that wait: their signatures were verified.
    package var verified: Set<Digest> { ids }

    package func transaction(_ id: Digest) -> Transaction? {
        guard ids.contains(id) else { return nil }
        for queue in queues.values { if let entry = queue.first(where: { $0.id == id }) { return entry.transaction } }
        return nil
    }

    /// The nonce that the next transaction of a key must have, after those that wait.
    package func nextNonce(of signer: PublicKey, state: State) -> UInt64 {
        queues[signer]?.last.map { $0.transaction.nonce &+ 1 } ?? state.nextNonce(of: signer)
    }

    /// Takes a transaction, or says why not. The signature is checked last, as it costs most.
    package mutating func add(_ transaction: Transaction, state: State, height: UInt64) throws(Refusal) {
        let bytes = transaction.canonicalBytes
        let id = transaction.id
        guard !ids.contains(id) else { throw .known(id) }
        if bytes.count > ChainMessage.transactionByteLimit {
            guard transaction.operation.mayBeLarge else { throw .tooLarge(bytes: bytes.count) }
            // A dispute waits for one move at a time, and so does the signer's queue.
            let waits = queues[transaction.signer]?.contains { $0.size > ChainMessage.transactionByteLimit } ?? false
            guard state.awaits(transaction), !waits else { throw .notAwaited }
        }
        let entry = MempoolEntry(
            transaction: transaction, id: id, size: bytes.count, arrival: arrivals, height: height)
        let queue = queues[transaction.signer] ?? []
        let replaced = queue.firstIndex { $0.transaction.nonce == transaction.nonce }
        if let replaced {
            guard queue[replaced].transaction.fee < transaction.fee else { throw .replaced(by: queue[replaced].id) }
        } else {
            let expected = nextNonce(of: transaction.signer, state: state)
            guard transaction.nonce == expected else { throw .nonce(got: transaction.nonce, expected: expected) }
            guard queue.count < limits.perSigner else { throw .tooManyOfSigner(transaction.signer) }
        }
        let victim = try room(for: entry)
        do throws(Rejection) {
            try state.check(transaction, pendingBefore: replaced ?? queue.count)
        } catch { throw .ledger(error) }
        if let victim { drop(from: victim, signer: victim.transaction.signer) }
        if let replaced, let old = queues[transaction.signer]?[replaced] {
            forget(old)
            queues[transaction.signer]?[replaced] = entry
        } else {
            queues[transaction.signer, default: []].append(entry)
        }
        arrivals += 1
        ids.insert(id)
        size += entry.size
    }

    /// Whether the sender has what it spends, as far as this node can see: asked for this node's own user, who can mend it. What
    /// others pass on may rest on a block that this node does not have yet; the ledger lets an overdraft fail for its fee.
    package func checkFunds(of transaction: Transaction, state: State) throws(Refusal) {
        let amount = transaction.operation.spending
        guard amount > .zero else { return }
        let before = (queues[transaction.signer] ?? []).map(\.transaction).filter { $0.nonce < transaction.nonce }
        // 128 bits: a pool of largest amounts does not overflow them.
        let needed = (before + [transaction]).reduce(UInt128(0)) { sum, waiting in
            sum + UInt128(waiting.fee.seeds) + UInt128(waiting.operation.spending.seeds)
        }
        let balance = state.account(transaction.sender)?.balance ?? .zero
        guard needed > UInt128(balance.seeds) else { return }
        throw .overdraft(balance: balance, amount: amount, needed: Amount(seeds: UInt64(clamping: needed)))
    }

    /// Transactions for a block: the best fee per byte first, nonces of a key in order.
    package func reap(bytes: Int = Block.byteLimit / 10 * 9, count: Int = Block.transactionLimit) -> [Transaction] {
        var heads = queues.values.compactMap(\.first).sorted { $1.precedes($0) }  // The best one last.
        var next: [PublicKey: Int] = [:]
        var chosen: [Transaction] = []
        var left = bytes
        while let best = heads.popLast(), chosen.count < count {
            let signer = best.transaction.signer
            guard best.size <= left else { continue }  // Nor what follows from this key.
            left -= best.size
            chosen.append(best.transaction)
            let following = (next[signer] ?? 0) + 1
            next[signer] = following
            guard let queue = queues[signer], following < queue.count else { continue }
            let entry = queue[following]
            var low = 0
            var high = heads.count
            while low < high {
                let middle = (low + high) / 2
                if entry.precedes(heads[middle]) { low = middle + 1 } else { high = middle }
            }
            heads.insert(entry, at: low)
        }
        return chosen
    }

    /// After a block: what is in the past of its key goes, and what waited too long. The keys whose transactions a block held are
    /// checked again against the new state, without signatures; the others when they are reaped.
    package mutating func committed(_ transactions: [Transaction], state: State, height: UInt64) {
        var touched: Set<PublicKey> = []
        for transaction in transactions { touched.insert(transaction.signer) }
        for signer in touched { settle(signer, state: state, height: height) }
        // Everybody else's deadlines: once in sixteen blocks is often enough.
        if height.isMultiple(of: 16) {
            for signer in Array(queues.keys) { settle(signer, state: state, height: height) }
        }
    }

    /// Forgets what the state would no longer take from this key.
    package mutating func settle(_ signer: PublicKey, state: State, height: UInt64) {
        guard let queue = queues[signer] else { return }
        var kept: [MempoolEntry] = []
        var expected = state.nextNonce(of: signer)
        var isBroken = false
        for entry in queue {
            if !isBroken, entry.transaction.nonce == expected, height &- entry.height <= limits.lifetime,
                (try? state.check(entry.transaction, pendingBefore: kept.count, verifiedSignature: true)) != nil
            {
                kept.append(entry)
                expected &+= 1
            } else {
                isBroken = entry.transaction.nonce >= expected
                forget(entry)
            }
        }
        queues[signer] = kept.isEmpty ? nil : kept
    }

    /// The entry that has to go for `entry`; nil when there is room.
    private func room(for entry: MempoolEntry) throws(Refusal) -> MempoolEntry? {
        guard ids.count >= limits.transactions || size + entry.size > limits.bytes else { return nil }
        guard entry.size <= limits.bytes else { throw .full }
        // Only the last of a key can go without leaving a gap.
        let cheapest = queues.values.compactMap(\.last).max { $0.precedes($1) }
        guard let cheapest, entry.precedes(cheapest), cheapest.transaction.signer != entry.transaction.signer,
            size - cheapest.size + entry.size <= limits.bytes
        else { throw .full }
        return cheapest
    }

    private mutating func drop(from entry: MempoolEntry, signer: PublicKey) {
        guard let index = queues[signer]?.firstIndex(where: { $0.id == entry.id }) else { return }
        queues[signer]?.remove(at: index)
        if queues[signer]?.isEmpty == true { queues[signer] = nil }
        forget(entry)
    }

    private mutating func forget(_ entry: MempoolEntry) {
        ids.remove(entry.id)
        size -= entry.size
    }
}
