import Swarm
import Testing

@Suite("An outcome that several wait for", .timeLimit(.minutes(5)))
struct OutcomeTests {
    private struct Failure: Error, Equatable {}

    @Test("everybody is told the first result, whoever comes before it and whoever comes after")
    func everybody() async throws {
        let outcome = Outcome<Int>()
        let early = (0..<5).map { _ in Task.immediate { try await outcome.value } }
        outcome.settle(.success(7))
        outcome.settle(.success(8))
        outcome.settle(.failure(Failure()))
        for task in early { #expect(try await task.value == 7) }
        #expect(try await outcome.value == 7)
    }

    @Test("a failure is told to everybody, too")
    func failure() async {
        let outcome = Outcome<Int>()
        let early = Task.immediate { try await outcome.value }
        outcome.settle(.failure(Failure()))
        await #expect(throws: Failure()) { try await early.value }
        await #expect(throws: Failure()) { try await outcome.value }
    }

    @Test("who is cancelled waits no longer, and the others wait on")
    func cancellation() async throws {
        let outcome = Outcome<Int>()
        let tasks = (0..<3).map { _ in Task.immediate { try await outcome.value } }
        tasks[1].cancel()
        await #expect(throws: CancellationError.self) { try await tasks[1].value }
        let late = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await outcome.value
        }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
        outcome.settle(.success(1))
        #expect(try await tasks[0].value == 1)
        #expect(try await tasks[2].value == 1)
    }
}
