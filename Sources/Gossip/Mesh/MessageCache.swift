internal import Keys

/// Messages of the last heartbeats, for those who ask; bounded in bytes, the oldest go first.
struct MessageCache: Sendable {
    struct Entry: Sendable {
        let message: SignedMessage
        /// How often each peer got it by asking.
        var sent: [PeerID: Int] = [:]
    }

    private let length: Int
    private let gossip: Int
    private let byteLimit: Int
    private var entries: [[UInt8]: Entry] = [:]
    /// Ids by heartbeat, the current one first.
    private var windows: [[[UInt8]]]
    private(set) var bytes = 0

    init(length: Int, gossip: Int, byteLimit: Int) {
        self.length = max(length, 1)
        self.gossip = min(gossip, max(length, 1))
        self.byteLimit = byteLimit
        windows = [[]]
    }

    mutating func insert(_ message: SignedMessage) {
        let id = message.id
        guard entries[id] == nil else { return }
        entries[id] = Entry(message: message)
        windows[0].append(id)
        bytes += message.data.count
        while bytes > byteLimit, let oldest = windows.lastIndex(where: { !$0.isEmpty }) {
            remove(windows[oldest].removeFirst())
        }
    }

    func contains(_ id: [UInt8]) -> Bool { entries[id] != nil }

    /// - Returns: the message, unless it is unknown or `peer` has had it `limit` times.
    mutating func take(_ id: [UInt8], for peer: PeerID, limit: Int) -> SignedMessage? {
        guard var entry = entries[id], entry.sent[peer, default: 0] < limit else { return nil }
        entry.sent[peer, default: 0] += 1
        entries[id] = entry
        return entry.message
    }

    /// Ids to announce on `topic`, the newest heartbeat first.
    func announced(on topic: String) -> [[UInt8]] {
        windows.prefix(gossip).flatMap { $0 }.filter { entries[$0]?.message.topic == topic }
    }

    mutating func shift() {
        windows.insert([], at: 0)
        while windows.count > length {
            for id in windows.removeLast() { remove(id) }
        }
    }

    private mutating func remove(_ id: [UInt8]) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        bytes -= entry.message.data.count
    }
}
