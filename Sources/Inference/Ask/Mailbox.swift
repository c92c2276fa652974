/// Messages of many writers for one reader, who makes the writers wait when it is slow.
final class Mailbox<Message: Sendable>: Sendable {
    private struct State: AwaitedState {
        var messages: [Message] = []
        var isClosed = false
        var reader: CheckedContinuation<Void, Never>?
        var writers: [(id: UInt64, CheckedContinuation<Void, Never>)] = []
        var nextWriter: UInt64 = 0

        var hasNews: Bool { !messages.isEmpty || isClosed }
    }

    private let limit: Int
    private let state = ReaderLock<State>()

    init(limit: Int) { self.limit = limit }

    /// Puts a message in, waiting while the box is full. In a cancelled task or a closed box the message is dropped.
    func send(_ message: Message) async {
        while !Task.isCancelled {
            let (done, reader) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
                if state.isClosed { return (true, nil) }
                guard state.messages.count < limit else { return (false, nil) }
                state.messages.append(message)
                return (true, state.takeReader())
            }
            reader?.resume()
            if done { return }
            await waitForRoom()
        }
    }

    /// The next message.
    /// - Returns: nil when the box is closed, or the task is cancelled.
    func next() async -> Message? {
        while !Task.isCancelled {
            let (message, isClosed, writer) = state.withLock {
                state -> (Message?, Bool, CheckedContinuation<Void, Never>?) in
                guard !state.messages.isEmpty else { return (nil, state.isClosed, nil) }
                let message = state.messages.removeFirst()
                return (message, false, state.writers.isEmpty ? nil : state.writers.removeFirst().1)
            }
            writer?.resume()
            if let message { return message }
            if isClosed { return nil }
            await state.waitForNews()
        }
        return nil
    }

    func close() {
        let (reader, writers) = state.withLock {
            state -> (CheckedContinuation<Void, Never>?, [CheckedContinuation<Void, Never>]) in
            state.isClosed = true
            defer { state.writers = [] }
            return (state.takeReader(), state.writers.map(\.1))
        }
        reader?.resume()
        for writer in writers { writer.resume() }
    }

    private func waitForRoom() async {
        let id = state.withLock { state in
            state.nextWriter += 1
            return state.nextWriter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    guard state.messages.count >= limit, !state.isClosed, !Task.isCancelled else { return false }
                    state.writers.append((id, continuation))
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            let writer = state.withLock { state in
                state.writers.firstIndex { $0.id == id }.map { state.writers.remove(at: $0).1 }
            }
            writer?.resume()
        }
    }
}
