package import Consensus
package import Keys
package import Ledger
internal import Store
internal import Wire

/// One node of the chain, as a pure value: consensus over the ledger, transactions that wait, blocks that were missed, and what
/// must be on the disk before anything is sent. A node that is no validator runs the same and signs nothing.
///
/// The caller performs the effects in their order. The same inputs at the same times give the same effects.
package struct ValidatorMachine: Sendable {
    package let configuration: ChainConfiguration
    /// The validator this node signs for; nil for a follower.
    package let account: ValidatorID?
    let key: SigningKey?

    /// After the last decided block.
    package internal(set) var head: ChainState
    /// The state before the last block: the one that the last header proves; nil before the first block.
    package internal(set) var provenState: State?
    /// The header of the last block; nil before the first.
    package internal(set) var headHeader: Header?
    /// The certificate with which this node saw the last block decided; nil before the first.
    package internal(set) var headCommit: Commit?
    /// The height after the head.
    package internal(set) var consensus: HeightMachine
    package internal(set) var mempool: Mempool
    var own = OwnTransactions()
    package internal(set) var evidence = EvidencePool()
    var sync: SyncMachine
    /// The last height's machine, for precommits that come late and make the next block's certificate fuller.
    var previous: HeightMachine?

    /// Nil until it is certain that this key did not sign at heights this node does not know (see `ValidatorMachine+Signing`).
    var signer: SignerState?
    var hasBegun = false
    var committedAt: UInt64 = 0
    var syncedAt: UInt64?
    var connected: [PeerID] = []
    var blocks = ProposedBlocks()
    var early = EarlyMessages()
    var seen = SeenMessages()
    var journalSize = 0
    package internal(set) var hasHalted = false

    // While the journal is read back.
    var isReplaying = false
    var unsigned: [SigningWish] = []
    var unbuilt: Round?
    var decidedInReplay: (block: Digest, commit: Commit)?
    var timersInReplay: [TimerID: UInt64] = [:]

    var effects: [Effect] = []

    /// - Parameters:
    ///   - head: what follows from the blocks on the disk.
    ///   - last: the last block with the certificate that is stored with it.
    ///   - provenState: the state before it.
    ///   - key: the validator's node key.
    package init(
        head: ChainState, last: DecidedBlock?, provenState: State?, account: ValidatorID?, key: SigningKey?,
        configuration: ChainConfiguration
    ) {
        self.configuration = configuration
        self.account = key == nil ? nil : account
        self.key = key
        self.head = head
        headCommit = last?.commit
        headHeader = last?.block.header
        self.provenState = provenState
        mempool = Mempool(limits: configuration.mempool)
        sync = SyncMachine(genesis: head.genesis, deadline: configuration.syncDeadline)
        consensus = Self.machine(after: head, account: account, key: key, configuration)
    }

    /// Takes one input and says what to do.
    /// - Parameter now: milliseconds since 1970.
    package mutating func step(_ input: Input, at now: UInt64) -> [Effect] {
        guard !hasHalted else {
            if case .message = input { return [.verdict(.ignore)] }
            return []
        }
        switch input {
        case .start: resume(at: now)
        case .message(let bytes, let topic, let peer): receive(bytes, on: topic, from: peer, at: now)
        case .timer(let timer): fire(timer, at: now)
        case .submit(let transaction): submit(transaction, at: now)
        case .peers(let peers): connected = peers
        case .syncAnswer(let ticket, let bytes):
            perform(sync.answered(ticket, with: bytes, head: head.height, at: now), at: now)
        }
        defer { effects = [] }
        return effects
    }

    static func machine(
        after head: ChainState, account: ValidatorID?, key: SigningKey?, _ configuration: ChainConfiguration
    ) -> HeightMachine {
        // A key that is not the registered one would make votes that nobody takes.
        let isRegistered = account.flatMap { head.validators[$0] }.map { $0.key == key?.publicKey } ?? false
        return HeightMachine(
            height: head.height + 1, validators: head.validators, me: isRegistered ? account : nil,
            timeouts: configuration.timeouts)
    }

    /// Whether this node signs at the height that is next.
    package var isValidator: Bool { consensus.isMember }

    mutating func log(_ kind: ChainLog.Kind, _ text: String) { effects.append(.log(ChainLog(kind: kind, text: text))) }

    mutating func halt(_ reason: String) {
        hasHalted = true
        effects.append(.halt(reason))
    }

    mutating func journal(_ entry: JournalEntry) {
        guard !isReplaying else { return }
        let bytes = entry.canonicalBytes
        journalSize += bytes.count + 12
        effects.append(.journal(bytes))
    }

    mutating func publish(_ content: ChainMessage.Content) {
        guard !isReplaying else { return }
        let topic: ChainTopic = if case .transaction = content { .transactions } else { .consensus }
        effects.append(.publish(ChainMessage(chain: head.genesis, content).canonicalBytes, on: topic))
    }
}
