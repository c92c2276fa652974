import API
import Synchronization

/// The questions that are being answered just now, by the name that their asker gave them, so that it can take them back.
///
/// Whoever takes back a question that is not here may only be faster than the question itself: the name is remembered for a while.
final class QuestionsUnderWay: Sendable {
    /// Names that are remembered.
    private static let rememberedLimit = 1_024
    /// In bytes of a name; 32 random ones in hexadecimal digits, and room.
    private static let nameLimit = 128

    fileprivate struct State {
        var running: [String: AsyncStream<Void>.Continuation] = [:]
        /// Oldest first.
        var takenBack: [String] = []
    }

    private enum End { case answered, takenBack }

    private let state = Mutex(State())

    /// Lets `body` work until it is done, or until the question is taken back; then its task is cancelled.
    /// - Parameter name: nil when the asker gave none.
    /// - Returns: false when it was taken back.
    func run(_ name: String?, _ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
        guard let name else {
            try await body()
            return true
        }
        let (taking, continuation) = AsyncStream.makeStream(of: Void.self)
        guard state.withLock({ $0.begin(name, continuation) }) else { return false }
        defer { state.withLock { $0.running[name] = nil } }
        return try await withThrowingTaskGroup(of: End.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await body()
                return .answered
            }
            group.addTask {
                for await _ in taking {}
                try Task.checkCancellation()
                return .takenBack
            }
            return try await group.next() == .answered
        }
    }

    /// - Throws: when the name is none, or another question of that name is under way.
    func check(_ name: String?) throws(Problem) {
        guard let name else { return }
        guard (1...Self.nameLimit).contains(name.utf8.count) else {
            throw .invalid("id has \(name.utf8.count) bytes.", remedy: "It has 1 to \(Self.nameLimit).")
        }
        guard state.withLock({ $0.running[name] == nil }) else {
            throw .refused("A question with the id '\(name)' is under way.", remedy: "Choose another id.")
        }
    }

    func takeBack(_ name: String) {
        state.withLock { state in
            if let running = state.running[name] { return running.finish() }
            state.takenBack.append(name)
            state.takenBack.removeFirst(max(0, state.takenBack.count - Self.rememberedLimit))
        }
    }
}

extension QuestionsUnderWay.State {
    /// - Returns: false when it was taken back before it began.
    fileprivate mutating func begin(_ name: String, _ continuation: AsyncStream<Void>.Continuation) -> Bool {
        guard running[name] == nil else { return false }
        if let index = takenBack.firstIndex(of: name) {
            takenBack.remove(at: index)
            return false
        }
        running[name] = continuation
        return true
    }
}
