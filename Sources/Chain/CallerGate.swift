internal import Synchronization

/// Counts the callers that wait for their turn at an actor, and turns away those above the limit: the actor's own queue has none.
final class CallerGate: Sendable {
    private let limit: Int
    private let waiting = Mutex(0)

    init(limit: Int) { self.limit = limit }

    /// - Returns: false when too many wait; else the caller has to ``leave()``.
    func enter() -> Bool {
        waiting.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
    }

    func leave() { waiting.withLock { $0 -= 1 } }
}
