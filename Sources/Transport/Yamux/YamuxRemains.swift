/// What the peer had sent on streams before it reset them. It is still read: a peer that refuses a protocol says so and then resets the stream, for
/// it does not want what was written behind the proposal.
struct YamuxRemains: Sendable {
    private var streams: [UInt32: (unread: ChunkQueue, isEnded: Bool)] = [:]

    func contains(_ id: UInt32) -> Bool { streams[id] != nil }

    mutating func keep(_ stream: YamuxStreamState, _ id: UInt32) {
        guard stream.unread.count > 0 || stream.receivedFin else { return }
        streams[id] = (stream.unread, stream.receivedFin)
    }

    mutating func read(_ id: UInt32) -> YamuxSession.Readout {
        guard let index = streams.index(forKey: id) else { return .gone }
        if let chunk = streams.values[index].unread.pop() {
            if streams.values[index].unread.count == 0, !streams.values[index].isEnded { streams.remove(at: index) }
            return .bytes(chunk)
        }
        return .end
    }

    /// - Returns: how many unread bytes are gone.
    mutating func drop(_ id: UInt32) -> Int { streams.removeValue(forKey: id)?.unread.count ?? 0 }
}
