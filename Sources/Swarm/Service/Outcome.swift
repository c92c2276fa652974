internal import Synchronization
internal import Transport

/// What is found out once and several tasks wait for. One that is cancelled waits no longer and disturbs neither the others nor the work.
package final class Outcome<Value: Sendable>: Sendable {
    private let result: Mutex<Result<Value, any Error>?>
    private let settled = ChangeSignal()

    package init() { result = Mutex(nil) }

    /// What is known already.
    init(_ value: Value) { result = Mutex(.success(value)) }

    /// Tells everybody. Only the first result counts.
    package func settle(_ first: Result<Value, any Error>) {
        result.withLock { $0 = $0 ?? first }
        settled.notify()
    }

    /// - Throws: the failure it was settled with; `CancellationError`.
    package var value: Value {
        get async throws {
            while true {
                let seen = settled.generation
                if let known = result.withLock({ $0 }) { return try known.get() }
                try await settled.wait(after: seen)
            }
        }
    }
}
