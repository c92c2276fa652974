internal import Dispatch
internal import Synchronization

/// The continuous clock, except that a sleep that is cancelled leaves nothing behind.
///
/// A cancelled `Task.sleep` keeps its timer until the time comes. Every message has a deadline of its own, up to half an hour, and
/// nearly all are met: at a thousand messages a second the timers would fill a gigabyte.
package struct TidyClock: Clock {
    private let clock = ContinuousClock()

    package init() {}

    package var now: ContinuousClock.Instant { clock.now }
    package var minimumResolution: Duration { clock.minimumResolution }

    package func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration? = nil) async throws {
        try await Alarm.shared.sleep(until: deadline)
    }
}

/// All who sleep, and one timer for whoever is next.
private final class Alarm: Sendable {
    static let shared = Alarm()

    private typealias Sleeper = (time: ContinuousClock.Instant, continuation: CheckedContinuation<Void, any Error>)
    private struct State {
        var sleepers: [UInt64: Sleeper] = [:]
        /// When the timer rings; nil when it is not set.
        var ring: ContinuousClock.Instant?
    }

    private let nextID = Atomic<UInt64>(0)
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "banyan.alarm")

    func sleep(until time: ContinuousClock.Instant) async throws {
        let id = nextID.add(1, ordering: .relaxed).newValue
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isAsleep = state.withLock { state in
                    guard !Task.isCancelled else { return false }
                    state.sleepers[id] = (time, continuation)
                    if state.ring.map({ time < $0 }) ?? true { set(time, &state) }
                    return true
                }
                if !isAsleep { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    private func set(_ time: ContinuousClock.Instant, _ state: inout State) {
        state.ring = time
        // A longer way is gone in several steps.
        let delay = min(max(ContinuousClock.now.duration(to: time), .zero), .seconds(3600))
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(delay / .nanoseconds(1)) + 1)) { self.ring(time) }
    }

    /// Wakes whose time has come and sets the timer for the next. A timer that was overtaken by an earlier one finds nothing to do.
    private func ring(_ time: ContinuousClock.Instant) {
        let due = state.withLock { state -> [Sleeper] in
            guard state.ring == time else { return [] }
            let now = ContinuousClock.now
            let due = state.sleepers.filter { $0.value.time <= now }
            for id in due.keys { state.sleepers[id] = nil }
            state.ring = nil
            if let next = state.sleepers.values.map(\.time).min() { set(next, &state) }
            return Array(due.values)
        }
        for sleeper in due { sleeper.continuation.resume() }
    }
}
