internal import Dispatch
internal import Kernels
internal import Synchronization

/// Threads that share out the items of one job after another, with little time between. They spin a moment before they sleep.
///
/// Each thread takes items one by one from its own part of them, whose memory lies side by side, then from the parts of others ("work
/// stealing"): one that is held up delays only the item it has. Results never depend on who takes which. One thread at a time may give jobs.
package final class Crew: Sendable {
    private let shared: Shared
    /// Threads that work, the one that gives the job included.
    package let threads: Int

    package init(threads: Int) {
        precondition(threads >= 1, "\(threads) threads cannot work")
        self.threads = threads
        shared = Shared(threads: threads)
        for worker in 1..<threads {
            DispatchQueue(label: "crew", qos: .userInitiated).async { [shared] in shared.work(as: worker) }
        }
    }

    deinit { shared.stop() }

    /// Runs `body(item, worker)` for each item from 0, and returns when all are done; `worker` < ``threads``.
    package func run(_ items: Int, _ body: (Int, Int) -> Void) {
        guard threads > 1, items > 1 else {
            for item in 0..<items { body(item, 0) }
            return
        }
        withoutActuallyEscaping(body) { shared.run(items, $0) }
    }

    /// Leaves work to a thread that finds no job. There may be none for a while: whoever needs it done calls ``Errand/finish()``.
    package func offer(_ errand: Errand) {
        guard threads > 1 else { return errand.finish() }
        shared.offer(errand)
    }
}

extension Crew {
    @safe private final class Shared: Sendable {
        // What follows is written only while no worker is inside a job, and read only by workers inside.
        nonisolated(unsafe) private var body: ((Int, Int) -> Void)?
        nonisolated(unsafe) private var items = 0

        /// For each worker the next item of its part.
        private let parts: [Part]
        /// Odd while a job can be joined.
        private let generation = Atomic<UInt>(0)
        /// Workers inside a job.
        private let inside = Atomic<Int>(0)
        private let asleep = Atomic<Int>(0)
        private let stopped = Atomic<Bool>(false)
        private let alarm = DispatchSemaphore(value: 0)
        private let errands = Mutex<[Errand]>([])
        /// How many errands there are: what a thread without a job looks at.
        private let offered = Atomic<Int>(0)

        /// Looks at the next job before going to sleep: some 50 µs, the pauses within one token.
        private static let patience = 2_000
        /// Errands that wait at most; the oldest are then left to those who need them.
        private static let errandLimit = 64

        init(threads: Int) { parts = (0..<threads).map { _ in Part() } }

        func run(_ items: Int, _ body: @escaping (Int, Int) -> Void) {
            unsafe self.body = body
            unsafe self.items = items
            for (worker, part) in parts.enumerated() {
                part.next.store(items * worker / parts.count, ordering: .relaxed)
            }
            generation.add(1, ordering: .sequentiallyConsistent)
            wake()
            takeItems(as: 0)
            // First closed, then counted; a worker counts itself first and then looks: one of both sees the other.
            generation.add(1, ordering: .sequentiallyConsistent)
            while inside.load(ordering: .sequentiallyConsistent) > 0 { banyan_pause() }
            unsafe self.body = nil
        }

        func stop() {
            stopped.store(true, ordering: .sequentiallyConsistent)
            wake()
        }

        func work(as worker: Int) {
            var seen: UInt = 0
            while let job = nextJob(after: seen) {
                inside.add(1, ordering: .sequentiallyConsistent)
                let now = generation.load(ordering: .sequentiallyConsistent)
                if now % 2 == 1 { takeItems(as: worker) }
                inside.subtract(1, ordering: .sequentiallyConsistent)
                seen = max(job, now)
            }
        }

        private func nextJob(after seen: UInt) -> UInt? {
            while true {
                for _ in 0..<Self.patience {
                    let now = generation.load(ordering: .acquiring)
                    if now % 2 == 1 && now != seen { return now }
                    if stopped.load(ordering: .relaxed) { return nil }
                    if offered.load(ordering: .relaxed) > 0, let errand = nextErrand() {
                        errand.attempt()
                    } else {
                        banyan_pause()
                    }
                }
                asleep.add(1, ordering: .sequentiallyConsistent)
                let now = generation.load(ordering: .sequentiallyConsistent)
                // A call that came too late for this nap ends the next one early: no harm.
                if now % 2 == 1 && now != seen { return now }
                if stopped.load(ordering: .sequentiallyConsistent) { return nil }
                alarm.wait()
            }
        }

        func offer(_ errand: Errand) {
            errands.withLock { errands in
                if errands.count == Self.errandLimit { errands.removeFirst() }
                errands.append(errand)
                offered.store(errands.count, ordering: .relaxed)
            }
        }

        private func nextErrand() -> Errand? {
            errands.withLock { errands in
                guard !errands.isEmpty else { return nil }
                offered.store(errands.count - 1, ordering: .relaxed)
                return errands.removeFirst()
            }
        }

        private func wake() {
            guard asleep.load(ordering: .sequentiallyConsistent) > 0 else { return }
            for _ in 0..<asleep.exchange(0, ordering: .sequentiallyConsistent) { alarm.signal() }
        }

        private func takeItems(as worker: Int) {
            guard let body = unsafe body else { return }
            let count = unsafe items
            for turn in 0..<parts.count {
                let owner = (worker + turn) % parts.count, end = count * (owner + 1) / parts.count
                while true {
                    let item = parts[owner].next.add(1, ordering: .relaxed).oldValue
                    guard item < end else { break }
                    body(item, worker)
                }
            }
        }
    }

    /// The items from `next` to the part of the following worker.
    private final class Part: Sendable {
        let next = Atomic<Int>(0)
    }
}
