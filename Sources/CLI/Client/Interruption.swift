import ArgumentParser
import UnixSignals

/// Runs `work` to its end, or until Ctrl-C: then it is cancelled, may clean up, and the command ends as interrupted.
func untilInterrupted<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let signals = await UnixSignalsSequence(trapping: .sigint)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            for await _ in signals { break }
            return nil
        }
        let done = try await group.next() ?? nil
        group.cancelAll()
        if let done { return done }
        _ = try? await group.next()
        throw ExitCode(130)
    }
}
