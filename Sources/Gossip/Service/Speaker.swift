internal import Keys
internal import Swarm
internal import Transport

/// Our stream to one peer: carries what waits in the peer's queue until the queue ends or the stream breaks.
struct Speaker: Sendable {
    let peer: PeerID
    let queue: OutboundQueue
    let swarm: SwarmService
    /// How long the peer may take to read what was said before the end.
    let lastWords: Duration

    func speak() async throws {
        guard !queue.isSpent else { return }
        let stream = try await swarm.open(MeshMachine.Version.protocolIDs, to: peer, deadline: .seconds(15))
        defer { stream.reset() }
        try await queue.drain { bytes in
            try await withDeadline(.seconds(30), "an RPC to \(peer)") { try await stream.writeFrame(bytes) }
        }
        // A reset takes from some peers what they have not read yet, so its own end is waited for.
        try await withDeadline(lastWords, "\(peer) to read the rest") {
            try await stream.closeWrite()
            while try await !stream.read().isEmpty {}
        }
    }
}
