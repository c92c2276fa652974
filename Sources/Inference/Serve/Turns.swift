internal import Synchronization

/// Questions that wait for their turn, each in the task of its own conversation.
final class Turns: Sendable {
    private enum Turn {
        case waiting(CheckedContinuation<Void, any Error>)
        /// The turn came, or was refused, before anybody waited for it.
        case decided(Refusal?)
    }

    private let turns = Mutex<[UInt64: Turn]>([:])

    /// It is the question's turn now; or never, when there is a refusal.
    func decide(_ id: UInt64, _ refusal: Refusal? = nil) {
        let waiting = turns.withLock { turns -> CheckedContinuation<Void, any Error>? in
            guard case .waiting(let continuation)? = turns.removeValue(forKey: id) else {
                turns[id] = .decided(refusal)
                return nil
            }
            return continuation
        }
        if let refusal { waiting?.resume(throwing: refusal) } else { waiting?.resume() }
    }

    /// Returns when it is the question's turn.
    /// - Throws: ``Refusal``, `CancellationError`.
    func wait(for id: UInt64) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let result = turns.withLock { turns -> Result<Void, any Error>? in
                    if case .decided(let refusal)? = turns.removeValue(forKey: id) {
                        return refusal.map { .failure($0) } ?? .success(())
                    }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    turns[id] = .waiting(continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiting = turns.withLock { turns -> CheckedContinuation<Void, any Error>? in
                guard case .waiting(let continuation)? = turns[id] else { return nil }
                turns[id] = nil
                return continuation
            }
            waiting?.resume(throwing: CancellationError())
        }
    }

    /// Takes a refusal that came at once.
    func takeRefusal(of id: UInt64) -> Refusal? {
        turns.withLock { turns in
            guard case .decided(let refusal?)? = turns[id] else { return nil }
            turns[id] = nil
            return refusal
        }
    }

    func forget(_ id: UInt64) { turns.withLock { $0[id] = nil } }
}
