/// Merges neighbours, the most urgent pair first, until no pair can be merged: what byte-pair encoding and SentencePiece share.
///
/// Takes 24 to 40 bytes for each byte of the text, and n·log n steps, however long a word is.
struct MergeQueue {
    /// What a pair becomes, and how urgent that is: lower ranks first, among equals the leftmost.
    struct Merge {
        let rank: UInt32
        let token: UInt32
    }

    /// No rank: the pair cannot be merged, or there is none.
    private static let never = UInt32.max

    // Symbols by the offset at which they begin; `next[i]` is where the next one begins.
    private var next: [Int32]
    private var previous: [Int32]
    private var token: [UInt32]
    /// Rank of the pair that begins at i, and what it would become.
    private var rank: [UInt32]
    private var merged: [UInt32]
    /// A binary heap of rank ‖ offset. An entry whose rank is no longer that of its offset is stale.
    private var heap: [UInt64] = []

    /// - Parameter symbols: offsets at which symbols begin, ascending from 0, each with its token or any mark.
    init(symbols: [(start: Int, token: UInt32)], end: Int) {
        next = [Int32](repeating: 0, count: end)
        previous = [Int32](repeating: -1, count: end)
        token = [UInt32](repeating: 0, count: end)
        rank = [UInt32](repeating: Self.never, count: end)
        merged = [UInt32](repeating: 0, count: end)
        for (position, symbol) in symbols.enumerated() {
            let following = position + 1 < symbols.count ? symbols[position + 1].start : end
            next[symbol.start] = Int32(following)
            if following < end { previous[following] = Int32(symbol.start) }
            token[symbol.start] = symbol.token
        }
    }

    /// - Parameter lookUp: what the symbols (start, token) and (middle, token), which ends before `end`, become together.
    /// - Returns: the symbols that are left.
    mutating func run(
        _ lookUp: (_ start: Int, _ left: UInt32, _ middle: Int, _ right: UInt32, _ end: Int) -> Merge?
    ) -> [(range: Range<Int>, token: UInt32)] {
        let end = next.count
        func offer(_ queue: inout MergeQueue, _ start: Int) {
            let middle = Int(queue.next[start])
            guard middle < end,
                let merge = lookUp(start, queue.token[start], middle, queue.token[middle], Int(queue.next[middle]))
            else {
                queue.rank[start] = Self.never
                return
            }
            queue.rank[start] = merge.rank
            queue.merged[start] = merge.token
            queue.push(UInt64(merge.rank) << 32 | UInt64(start))
        }
        var start = 0
        while start < end {
            offer(&self, start)
            start = Int(next[start])
        }
        while let entry = pop() {
            let start = Int(entry & 0xffff_ffff)
            guard rank[start] == UInt32(entry >> 32) else { continue }
            let middle = Int(next[start])
            next[start] = next[middle]
            if next[start] < end { previous[Int(next[start])] = Int32(start) }
            token[start] = merged[start]
            rank[middle] = Self.never
            offer(&self, start)
            if previous[start] >= 0 { offer(&self, Int(previous[start])) }
        }
        var left: [(Range<Int>, UInt32)] = []
        start = 0
        while start < end {
            left.append((start..<Int(next[start]), token[start]))
            start = Int(next[start])
        }
        return left
    }

    private mutating func push(_ entry: UInt64) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0, heap[(child - 1) / 2] > entry {
            heap[child] = heap[(child - 1) / 2]
            child = (child - 1) / 2
        }
        heap[child] = entry
    }

    private mutating func pop() -> UInt64? {
        guard let top = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return top }
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < last else { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = last
        return top
    }
}
