internal import Dispatch

/// Splits work over output elements. A result never depends on how many threads there are.
enum Parallel {
    /// Runs `body` once for each share of `range`, at most `threads` at a time; shares begin at multiples of `grain`.
    static func split(_ range: Range<Int>, grain: Int, threads: Int, _ body: (Range<Int>) -> Void) {
        let blocks = (range.count + grain - 1) / grain
        let shares = min(threads, blocks)
        guard shares > 1 else {
            if !range.isEmpty { body(range) }
            return
        }
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body  // concurrentPerform returns only when every share has.
            DispatchQueue.concurrentPerform(iterations: shares) { share in
                let from = range.lowerBound + blocks * share / shares * grain
                let to = min(range.lowerBound + blocks * (share + 1) / shares * grain, range.upperBound)
                unsafe body(from..<to)
            }
        }
    }
}
