/// Received bytes in the order they came, in chunks of at most 64 KiB.
struct ChunkQueue: Sendable {
    static let chunk = 64 << 10

    private var chunks: [[UInt8]] = []
    private var first = 0
    private(set) var count = 0

    /// Appends to the last chunk where there is room, so that many small frames do not cost an array each.
    mutating func append(_ bytes: ArraySlice<UInt8>) {
        guard !bytes.isEmpty else { return }
        count += bytes.count
        if first < chunks.count, chunks[chunks.count - 1].count + bytes.count <= Self.chunk {
            chunks[chunks.count - 1].append(contentsOf: bytes)
            return
        }
        var rest = bytes
        while !rest.isEmpty {
            chunks.append(Array(rest.prefix(Self.chunk)))
            rest = rest.dropFirst(Self.chunk)
        }
    }

    /// Takes the next chunk; nil when there is none.
    mutating func pop() -> [UInt8]? {
        guard first < chunks.count else { return nil }
        let chunk = chunks[first]
        chunks[first] = []
        first += 1
        count -= chunk.count
        if first == chunks.count {
            chunks.removeAll(keepingCapacity: true)
            first = 0
        } else if first >= 32 {
            chunks.removeFirst(first)
            first = 0
        }
        return chunk
    }
}
