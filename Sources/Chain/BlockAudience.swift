/// Who hears of decided blocks: readers of all that happened in them, and watchers of the height. Nobody of them holds up the chain.
struct BlockAudience: Sendable {
    /// Blocks that a reader may lag behind before it misses the oldest: at one a second, a quarter of an hour.
    static let lagLimit = 1_024

    private var readers: [AsyncStream<BlockEvents>.Continuation] = []
    private var watchers: [AsyncStream<UInt64>.Continuation] = []

    /// Every block from now on.
    mutating func addReader() -> AsyncStream<BlockEvents> {
        let (stream, reader) = AsyncStream.makeStream(
            of: BlockEvents.self, bufferingPolicy: .bufferingNewest(Self.lagLimit))
        readers.append(reader)
        return stream
    }

    /// The height of every block from now on; one that lags sees the newest only.
    mutating func addWatcher() -> AsyncStream<UInt64> {
        let (stream, watcher) = AsyncStream.makeStream(of: UInt64.self, bufferingPolicy: .bufferingNewest(1))
        watchers.append(watcher)
        return stream
    }

    /// Tells all of them; who has gone is forgotten.
    mutating func tell(_ events: BlockEvents) {
        readers.removeAll { if case .terminated = $0.yield(events) { true } else { false } }
        watchers.removeAll { if case .terminated = $0.yield(events.height) { true } else { false } }
    }

    /// There will be no more blocks.
    mutating func dismiss() {
        for reader in readers { reader.finish() }
        for watcher in watchers { watcher.finish() }
        self = BlockAudience()
    }
}
