internal import Synchronization

/// Lets tasks sleep until something changes, without losing a change between looking and sleeping.
///
/// Read ``generation``, look at the state, and when there is nothing to do, ``wait(after:)`` that generation.
package final class ChangeSignal: Sendable {
    private struct State {
        var generation: UInt64 = 0
        var nextWaiter: UInt64 = 0
        var waiters: [(id: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var generation: UInt64 { state.withLock { $0.generation } }

    /// Wakes every waiter.
    package func notify() {
        let waiters = state.withLock { state in
            state.generation &+= 1
            let waiters = state.waiters
            state.waiters = []
            return waiters
        }
        for waiter in waiters { waiter.continuation.resume() }
    }

    /// Returns when ``notify()`` was called after `generation` was read.
    /// - Throws: `CancellationError`.
    package func wait(after generation: UInt64) async throws {
        let id = state.withLock { state in
            state.nextWaiter &+= 1
            return state.nextWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = state.withLock { state -> Result<Void, any Error>? in
                    // Looked at under the lock: who is cancelled after this look is found by `onCancel`.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    guard state.generation == generation else { return .success(()) }
                    state.waiters.append((id, continuation))
                    return nil
                }
                if let isOver { continuation.resume(with: isOver) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0).continuation }
            }
            waiter?.resume(throwing: CancellationError())
        }
    }
}
