/// Runs `body`, and cancels it when `deadline` has passed.
/// - Throws: ``TransportError/deadlineExceeded(_:)`` with `what`, or what `body` throws.
package func withDeadline<Value: Sendable>(
    _ deadline: Duration, _ what: String, clock: any Clock<Duration> = TidyClock(),
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await clock.sleep(for: deadline)
            return nil
        }
        defer { group.cancelAll() }
        guard let outcome = try await group.next(), let value = outcome else {
            throw TransportError.deadlineExceeded(what)
        }
        return value
    }
}
