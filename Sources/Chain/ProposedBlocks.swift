internal import Consensus
internal import Keys

/// The blocks proposed at the current height, and what they would do. Bounded: a liar that proposes many pushes out its own.
struct ProposedBlocks: Sendable {
    /// 16 blocks of at most 0.9 MB; a correct network needs one or two a height.
    static let limit = 16

    struct Entry: Sendable {
        let block: Block
        /// Milliseconds since 1970.
        let received: UInt64
        let round: Round
        /// Nil until it was checked; then nil inside when it is invalid.
        var execution: Execution??
    }

    private var entries: [Digest: Entry] = [:]
    private var order: [Digest] = []

    subscript(id: Digest) -> Entry? { entries[id] }

    /// Keeps the block as it was first received. `precious` ones are not pushed out.
    mutating func add(_ block: Block, received: UInt64, round: Round, precious: Set<Digest>) {
        let id = block.id
        guard entries[id] == nil else { return }
        if order.count >= Self.limit, let index = order.firstIndex(where: { !precious.contains($0) }) {
            entries[order.remove(at: index)] = nil
        }
        entries[id] = Entry(block: block, received: received, round: round, execution: nil)
        order.append(id)
    }

    mutating func note(_ execution: Execution?, of id: Digest) { entries[id]?.execution = .some(execution) }
}

/// Verified messages of the height after the next one: peers that were faster. Bounded.
struct EarlyMessages: Sendable {
    static let countLimit = 256
    static let byteLimit = 4 << 20

    private(set) var messages: [ChainMessage] = []
    private var bytes = 0

    /// - Returns: false when there is no room.
    mutating func add(_ message: ChainMessage, size: Int) -> Bool {
        guard messages.count < Self.countLimit, bytes + size <= Self.byteLimit else { return false }
        messages.append(message)
        bytes += size
        return true
    }

    mutating func takeAll() -> [ChainMessage] {
        defer { self = EarlyMessages() }
        return messages
    }
}

/// Digests of messages that were processed, in two generations: the same bytes are looked at once.
struct SeenMessages: Sendable {
    static let limit = 8_192
    private var current: Set<Digest> = []
    private var older: Set<Digest> = []

    func contains(_ id: Digest) -> Bool { current.contains(id) || older.contains(id) }

    mutating func insert(_ id: Digest) {
        if current.count >= Self.limit {
            older = current
            current = []
        }
        current.insert(id)
    }
}
