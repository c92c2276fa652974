internal import Keys
internal import Synchronization

/// Which peer has asked which of the last questions, by a signature of its client. A client need not have registered its node to be
/// shown what it was answered.
final class Askers: Sendable {
    /// As many as answers are kept.
    private static let limit = 4096

    private let state = Mutex((order: [Digest](), peers: [Digest: PeerID]()))

    /// The last peer counts: a client may ask again over another one.
    func note(_ job: Digest, _ peer: PeerID) {
        state.withLock { state in
            guard state.peers.updateValue(peer, forKey: job) == nil else { return }
            state.order.append(job)
            // A quarter at a time: removing one from the front moves all the others.
            guard state.order.count > Self.limit + Self.limit / 4 else { return }
            for old in state.order.prefix(Self.limit / 4) { state.peers[old] = nil }
            state.order.removeFirst(Self.limit / 4)
        }
    }

    func asked(_ job: Digest, _ peer: PeerID) -> Bool { state.withLock { $0.peers[job] == peer } }
}
