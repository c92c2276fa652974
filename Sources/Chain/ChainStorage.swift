internal import Consensus
package import Keys
package import Ledger
package import Store
internal import Wire

/// The chain's part of a data directory, and how a node gets from it to where it was.
package struct ChainStorage: Sendable {
    var journal: Journal
    var blocks: BlockStore
    let snapshots: SnapshotStore

    /// Opens and repairs the stores.
    package init(on disk: any Disk) throws(StoreError) {
        journal = try Journal.open(on: disk, directory: Self.journalDirectory)
        blocks = try BlockStore(on: disk)
        snapshots = try SnapshotStore(on: disk)
    }

    /// Notes that a key has signed nothing yet. Call it before the key exists for anybody else: then a signer's memory is missing
    /// only where it was lost.
    package static func recordNewKey(_ key: PublicKey, on disk: any Disk) throws(StoreError) {
        var journal = try Journal.open(on: disk, directory: journalDirectory)
        _ = try journal.record(JournalEntry.signer(SignerState(), of: key).canonicalBytes)
    }

    private static let journalDirectory = "journal"

    /// The newest snapshot before the last block, then block by block, then the journal.
    package mutating func restore(
        genesis: Genesis, referee: any DisputeReferee = NoDisputes(), account: AccountID?, key: SigningKey?,
        configuration: ChainConfiguration
    ) throws -> ValidatorMachine {
        var head = try ChainState(genesis: genesis, referee: referee)
        let top = blocks.head ?? 0
        if top > 1, let snapshot = try snapshots.latest(upTo: top - 1) {
            let stored: ChainState
            do throws(WireError) { stored = try ChainState(canonicalBytes: snapshot.content) } catch {
                throw ChainError.damaged("the snapshot of height \(snapshot.height): \(error)")
            }
            guard stored.genesis == head.genesis else {
                throw ChainError.damaged(
                    "the directory holds chain \(stored.genesis.short), and the genesis given is \(head.genesis.short)")
            }
            head = stored
            head.referee = referee
        }
        var last: DecidedBlock?
        var proven: State?
        while head.height < top {
            guard let block = try block(at: head.height + 1) else {
                throw ChainError.damaged("block \(head.height + 1) is missing")
            }
            proven = head.state
            head = try head.replay(block.block).after
            last = block
        }
        var machine = ValidatorMachine(
            head: head, last: last, provenState: proven, account: account, key: key, configuration: configuration)
        try machine.restore(journal: try journal.records().map(\.payload))
        return machine
    }

    /// The block at a height with its stored certificate; nil when it is not here.
    package mutating func block(at height: UInt64) throws -> DecidedBlock? {
        guard let entry = try blocks.read(height) else { return nil }
        do throws(WireError) {
            return DecidedBlock(
                block: try Block(canonicalBytes: entry.block), commit: try Commit(canonicalBytes: entry.commit))
        } catch { throw ChainError.damaged("block \(height): \(error)") }
    }

    /// Performs an effect that is for the disk.
    /// - Returns: false when it is for somebody else.
    /// - Throws: the effect may then be performed again, if the error is one that passes.
    package mutating func perform(_ effect: ValidatorMachine.Effect) throws(StoreError) -> Bool {
        switch effect {
        case .journal(let record): _ = try journal.append(record)
        case .syncJournal: try journal.sync()
        case .restartJournal(let first):
            try restartJournal(with: first)
        case .store(let entry): try blocks.append(entry)
        case .snapshot(let snapshot): try snapshots.save(snapshot)
        default: return false
        }
        return true
    }

    private mutating func restartJournal(with first: [UInt8]?) throws(StoreError) {
        try journal.rotate()
        if let first { _ = try journal.record(first) }
        try journal.discardSegments(before: journal.newestSegment)
    }

    /// Answers another node's question about the past.
    package mutating func answer(_ request: [UInt8], genesis: Digest) -> [UInt8] {
        let (base, head) = (blocks.base, blocks.head)
        return SyncServer.answer(request, chain: genesis, base: base, head: head) { height in
            try? block(at: height)
        }
    }
}
