package import Models

/// Tokens on their way from the engine to whoever asked: bounded, one writer, one reader.
///
/// The writer never waits: it asks ``isFull`` before it computes the next token, and ``onRoom(_:)`` tells it when to ask again.
package final class TokenQueue: Sendable {
    private struct State: AwaitedState {
        var tokens: [TokenID] = []
        var pushed = 0
        var isOver = false
        var reader: CheckedContinuation<Void, Never>?
        var onRoom: (@Sendable () -> Void)?

        var hasNews: Bool { !tokens.isEmpty || isOver }
    }

    private let limit: Int
    private let state = ReaderLock<State>()

    /// - Parameter limit: tokens computed ahead of a slow reader; 64 are a second or so of one answer.
    package init(limit: Int = 64) { self.limit = max(1, limit) }

    /// Tokens that are there.
    package var count: Int { state.withLock(\.tokens.count) }
    /// Tokens that ever were.
    package var pushedCount: Int { state.withLock(\.pushed) }
    package var isFull: Bool { count >= limit }

    /// Calls `body` each time the reader has emptied a full queue.
    package func onRoom(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.onRoom = body } }

    /// Adds a token; one that does not fit is taken all the same: the writer has asked before.
    package func push(_ token: TokenID) {
        let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.isOver else { return nil }
            state.tokens.append(token)
            state.pushed += 1
            return state.takeReader()
        }
        reader?.resume()
    }

    /// No more tokens will come.
    package func finish() {
        let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.isOver = true
            return state.takeReader()
        }
        reader?.resume()
    }

    /// All tokens that are there, waiting for the first.
    /// - Returns: nil when the queue is finished and empty, or the task is cancelled.
    package func next() async -> [TokenID]? {
        while !Task.isCancelled {
            let (tokens, isOver, onRoom) = state.withLock { state -> ([TokenID], Bool, (@Sendable () -> Void)?) in
                let wasFull = state.tokens.count >= limit
                defer { state.tokens = [] }
                return (state.tokens, state.isOver, wasFull ? state.onRoom : nil)
            }
            onRoom?()
            if !tokens.isEmpty { return tokens }
            if isOver { return nil }
            await state.waitForNews()
        }
        return nil
    }
}
