internal import Kernels
internal import Synchronization

/// Work that a thread of a ``Crew`` does when it has no job, and that is done at the latest by whoever needs it.
package final class Errand: Sendable {
    private enum State: UInt8, AtomicRepresentable { case waiting, begun, done }

    private let state = Atomic(State.waiting)
    private let body: @Sendable () -> Void

    package init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    /// Does it, unless somebody has begun.
    /// - Returns: whether this call did it.
    @discardableResult
    func attempt() -> Bool {
        guard state.compareExchange(expected: .waiting, desired: .begun, ordering: .acquiring).exchanged else {
            return false
        }
        body()
        state.store(.done, ordering: .releasing)
        return true
    }

    /// Returns when it is done.
    package func finish() {
        if attempt() { return }
        while state.load(ordering: .acquiring) != .done { banyan_pause() }
    }
}

/// Errands that were left to a crew and that are waited for together. One thread at a time uses it.
package final class ErrandList {
    package let crew: Crew
    private var errands: [Errand] = []

    package init(_ crew: Crew) { self.crew = crew }

    package func leave(_ errand: Errand) {
        errands.append(errand)
        crew.offer(errand)
    }

    /// Returns when all are done.
    package func finish() {
        for errand in errands { errand.finish() }
        errands.removeAll(keepingCapacity: true)
    }
}
