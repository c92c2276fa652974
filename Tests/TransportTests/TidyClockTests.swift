import Testing
import Transport

@Suite("tidy clock", .timeLimit(.minutes(1)))
struct TidyClockTests {
    @Test("a thousand sleeps, longest first, all end, none before its time")
    func sleeps() async throws {
        let clock = TidyClock()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for milliseconds in (1...1000).reversed() {
                let time = clock.now.advanced(by: .milliseconds(milliseconds / 10))
                group.addTask {
                    try await clock.sleep(until: time)
                    return clock.now >= time
                }
            }
            for try await wasPatient in group { #expect(wasPatient) }
        }
    }

    @Test("a sleep that is cancelled ends at once, before it began as well as in the middle")
    func cancellation() async throws {
        for isEarly in [true, false] {
            let (asleep, begun) = AsyncStream.makeStream(of: Void.self)
            let sleeper = Task {
                if isEarly { while !Task.isCancelled { await Task.yield() } }
                begun.yield()
                try await TidyClock().sleep(for: .seconds(3600))
            }
            if isEarly {
                sleeper.cancel()
            } else {
                for await _ in asleep { break }
                sleeper.cancel()
            }
            await #expect(throws: CancellationError.self) { try await sleeper.value }
        }
    }
}
