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

    /// Runs `body` for the parts of `size` that the numbers from 0 to `count` are cut into; the last part may be shorter.
    package func run(_ count: Int, by size: Int, _ body: (Range<Int>) -> Void) {
        run((count + size - 1) / size) { part, _ in body(part * size..<min(part * size + size, count)) }
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

        private let threads: Int
        /// For each worker the next item of its part.
        private let parts: Parts
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

        /// Looks at the next job before letting others run in between: some 50 µs, the pauses within one token.
        private static let patience = 2_000
        /// Further looks before going to sleep, each after letting others run: the pauses between tokens.
        private static let indulgence = 2_000
        /// Errands that wait at most; the oldest are then left to those who need them.
        private static let errandLimit = 64

        init(threads: Int) {
            self.threads = threads
            parts = Parts(threads)
        }

        func run(_ items: Int, _ body: @escaping (Int, Int) -> Void) {
            unsafe self.body = body
            unsafe self.items = items
            for worker in 0..<threads { parts.set(items * worker / threads, of: worker) }
            generation.add(1, ordering: .sequentiallyConsistent)
            wake()
            takeItems(as: 0)
            // First closed, then counted; a worker counts itself first and then looks: one of both sees the other.
            generation.add(1, ordering: .sequentiallyConsistent)
            var looks = 0
            while inside.load(ordering: .sequentiallyConsistent) > 0 {
                looks += 1
                Self.rest(after: looks)
            }
            unsafe self.body = nil
        }

        /// Whom a thread waits for may wait for the processor that it is on.
        private static func rest(after looks: Int) {
            if looks < patience { banyan_pause() } else { banyan_yield() }
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
                for look in 0..<Self.patience + Self.indulgence {
                    let now = generation.load(ordering: .acquiring)
                    if now % 2 == 1 && now != seen { return now }
                    if stopped.load(ordering: .relaxed) { return nil }
                    if offered.load(ordering: .relaxed) > 0, let errand = nextErrand() {
                        errand.attempt()
                    } else {
                        Self.rest(after: look)
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
            for turn in 0..<threads {
                let owner = (worker + turn) % threads, end = count * (owner + 1) / threads
                while true {
                    let item = parts.next(of: owner)
                    guard item < end else { break }
                    body(item, worker)
                }
            }
        }
    }

    /// For each worker a count of items, on a cache line of its own: who takes an item does not take the others' counts from them.
    @safe private struct Parts: ~Copyable, Sendable {
        /// Two lines, since they are fetched together.
        private static let length = 128
        private static let stride = length / MemoryLayout<Atomic<Int>>.stride
        nonisolated(unsafe) private let first: UnsafeMutablePointer<Atomic<Int>>

        init(_ count: Int) {
            unsafe first = UnsafeMutableRawPointer.allocate(byteCount: count * Self.length, alignment: Self.length)
                .bindMemory(to: Atomic<Int>.self, capacity: count * Self.stride)
            for place in 0..<count * Self.stride { unsafe (first + place).initialize(to: Atomic(0)) }
        }

        deinit { unsafe UnsafeMutableRawPointer(first).deallocate() }

        func set(_ item: Int, of worker: Int) {
            unsafe first[worker * Self.stride].store(item, ordering: .relaxed)
        }

        /// Takes an item.
        func next(of worker: Int) -> Int { unsafe first[worker * Self.stride].add(1, ordering: .relaxed).oldValue }
    }
}
