/// Events in the order of their time; those of one moment in the order they were put in.
package struct EventQueue<Event: Sendable>: Sendable {
    private struct Entry: Sendable {
        let time: UInt64
        let ticket: UInt64
        let event: Event

        func precedes(_ other: Entry) -> Bool { (time, ticket) < (other.time, other.ticket) }
    }

    /// A binary heap, the earliest first.
    private var heap: [Entry] = []
    private var tickets: UInt64 = 0

    package init() {}

    package var count: Int { heap.count }
    package var nextTime: UInt64? { heap.first?.time }

    package mutating func push(_ event: Event, at time: UInt64) {
        heap.append(Entry(time: time, ticket: tickets, event: event))
        tickets += 1
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    package mutating func pop() -> (time: UInt64, event: Event)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.time, first.event)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].precedes(heap[least]) {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
