internal import Keys
internal import Proofs
internal import Synchronization

/// The last jobs that were answered over `/infraxa/inference/1.0.0`, for their challenges. A job belongs to the peer that asked.
final class InfraxaJobs: Sendable {
    struct Job: Sendable {
        let exchange: Exchange
        let nonce: String
    }
    private struct Name: Hashable {
        let peer: PeerID
        let id: String
    }

    /// A challenge comes within seconds; each job is a few kilobytes.
    private static let limit = 256
    private let jobs = Mutex<(order: [Name], jobs: [Name: Job])>(([], [:]))

    func keep(_ job: Job, named id: String, of peer: PeerID) {
        let name = Name(peer: peer, id: id)
        jobs.withLock { state in
            if state.jobs.updateValue(job, forKey: name) == nil { state.order.append(name) }
            if state.order.count > Self.limit { state.jobs[state.order.removeFirst()] = nil }
        }
    }

    func job(_ id: String, of peer: PeerID) -> Job? { jobs.withLock { $0.jobs[Name(peer: peer, id: id)] } }
}
