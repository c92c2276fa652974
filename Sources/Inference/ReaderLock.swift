internal import Synchronization

/// What a ``ReaderLock`` guards.
protocol AwaitedState: Sendable {
    init()
    /// Whoever sleeps until there is news.
    var reader: CheckedContinuation<Void, Never>? { get set }
    /// Something to read, or the end.
    var hasNews: Bool { get }
}

extension AwaitedState {
    /// The sleeping reader, who is then no longer noted: whoever takes it resumes it.
    mutating func takeReader() -> CheckedContinuation<Void, Never>? {
        defer { reader = nil }
        return reader
    }
}

/// A lock around a state that one task at a time reads, sleeping while there is no news.
final class ReaderLock<State: AwaitedState>: Sendable {
    private let state = Mutex(State())

    func withLock<Result: Sendable>(_ body: (inout sending State) -> sending Result) -> sending Result {
        state.withLock(body)
    }

    /// Returns when there is news, or the task is cancelled.
    /// - Precondition: no other task waits.
    func waitForNews() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    guard !state.hasNews, !Task.isCancelled else { return false }
                    precondition(state.reader == nil, "a queue has one reader")
                    state.reader = continuation
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.takeReader() }?.resume()
        }
    }
}
