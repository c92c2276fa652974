internal import Keys

/// Which messages were seen, for a while and up to a number; and of older ones, by author, that they are old.
///
/// Authors number their messages upwards. When an entry is forgotten, its number becomes the author's floor, and
/// whatever is at or below the floor counts as seen for good: a message is never new twice.
struct SeenCache: Sendable {
    private struct Entry {
        let id: [UInt8]
        let at: Duration
    }

    private let lifetime: Duration
    private let limit: Int
    private var ids: Set<[UInt8]> = []
    private var order: [Entry] = []
    private var head = 0
    private var floors: [[UInt8]: UInt64] = [:]
    /// Authors in the order in which their floor was first set; the oldest make room.
    private var authors: [[UInt8]] = []
    private var authorHead = 0
    private static let authorLimit = 16_384

    init(lifetime: Duration, limit: Int) {
        self.lifetime = lifetime
        self.limit = limit
    }

    var count: Int { ids.count }

    func contains(_ id: [UInt8]) -> Bool {
        if ids.contains(id) { return true }
        guard let (author, sequence) = Self.split(id), let floor = floors[author] else { return false }
        return sequence <= floor
    }

    /// - Returns: false when the id is known already.
    mutating func insert(_ id: [UInt8], at now: Duration) -> Bool {
        guard !contains(id) else { return false }
        ids.insert(id)
        order.append(Entry(id: id, at: now))
        if ids.count > limit { forgetOldest() }
        return true
    }

    mutating func expire(at now: Duration) {
        while head < order.count, now - order[head].at >= lifetime { forgetOldest() }
    }

    private mutating func forgetOldest() {
        guard head < order.count else { return }
        let id = order[head].id
        head += 1
        ids.remove(id)
        if let (author, sequence) = Self.split(id) { raiseFloor(of: author, to: sequence) }
        if head > 4096, head > order.count / 2 {
            order.removeFirst(head)
            head = 0
        }
    }

    private mutating func raiseFloor(of author: [UInt8], to sequence: UInt64) {
        if let floor = floors[author] {
            floors[author] = max(floor, sequence)
            return
        }
        floors[author] = sequence
        authors.append(author)
        guard floors.count > Self.authorLimit else { return }
        floors[authors[authorHead]] = nil
        authorHead += 1
        if authorHead > Self.authorLimit {
            authors.removeFirst(authorHead)
            authorHead = 0
        }
    }

    private static func split(_ id: [UInt8]) -> (author: [UInt8], sequence: UInt64)? {
        guard id.count > 8 else { return nil }
        return (Array(id.dropLast(8)), id.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}
