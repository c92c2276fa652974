package import Keys
package import Models
internal import Tensors

/// Makes the transcript of one sequence while it is computed. Keeps 32 bytes for each position; states are hashed where they lie: those of many
/// positions by the threads that make them, those of a few by one that has nothing else to do.
package final class TranscriptRecorder: StateObserver {
    /// Passes whose roots are found together: of the last one nothing is waited for, and the code for it leaves the caches in between.
    private static let openLimit = 32

    private let boundaries: Int
    package private(set) var tokens: [TokenID]
    /// For each position whose last boundary was seen, the root over its boundaries.
    package var boundaryRoots: [Digest] {
        settle()
        return roots
    }
    private var roots: [Digest]
    /// The positions after those.
    private var open: [OpenPositions] = []

    /// - Parameters:
    ///   - layers: of the model.
    ///   - tokens: that are not computed again since their keys and values are still in the cache.
    ///   - boundaryRoots: their roots, as the recorder has given them that saw them.
    /// - Precondition: one root for each reused token.
    package init(layers: Int, reusing tokens: [TokenID] = [], boundaryRoots: [Digest] = []) {
        precondition(tokens.count == boundaryRoots.count, "\(tokens.count) tokens, \(boundaryRoots.count) roots")
        boundaries = layers + 1
        self.tokens = tokens
        roots = boundaryRoots
    }

    /// What was seen as the transcript of a job.
    /// - Precondition: no position is half seen.
    package func transcript(job: Digest) -> Transcript {
        let boundaryRoots = boundaryRoots
        precondition(open.isEmpty, "a transcript ends between two passes")
        return Transcript(job: job, tokens: tokens, boundaryRoots: boundaryRoots)
    }

    package func observe(
        piece: Int, position: Int, token: TokenID, boundary: Int, state: UnsafeBufferPointer<Float>
    ) {
        let place = boundary == 0 ? begin(position, CollectionOfOne(token)) : opened(position)
        open[place].advance(to: boundary, position..<position + 1)
        open[place].rows.set(unsafe StateDigest.of(state), row: 0, boundary: boundary)
    }

    package func observe(_ states: PositionStates) {
        precondition(states.boundaries == boundaries, "\(states.boundaries) boundaries of \(boundaries)")
        let position = states.row.position, width = states.width
        let place = begin(position, CollectionOfOne(states.row.token))
        for boundary in 0..<boundaries { open[place].advance(to: boundary, position..<position + 1) }
        let rows = open[place].rows
        for (part, boundaries) in states.parts.enumerated() {
            nonisolated(unsafe) let numbers = unsafe states.numbers(boundaries)
            let hashing = Errand {
                unsafe StateDigest.of(finite: numbers, width: width) {
                    rows.set($1, row: 0, boundary: boundaries.lowerBound + $0)
                }
            }
            open[place].wait(for: hashing)
            states.leave(hashing, on: part)
        }
    }

    package func reader(of states: BoundaryStates) -> StateReader? {
        let shown = states.rows[states.indices], boundary = states.boundary, isLast = boundary == boundaries - 1
        guard let first = shown.first else { return nil }
        let place = boundary == 0 ? begin(first.position, shown.lazy.map(\.token)) : opened(first.position)
        let rows = open[place].rows
        return { part in
            let start = part.lowerBound - shown.startIndex
            unsafe StateDigest.of(finite: states.numbers(part), width: states.width) {
                rows.set($1, row: start + $0, boundary: boundary)
            }
            if isLast { rows.fold(start..<start + part.count) }
        }
    }

    package func observe(_ states: BoundaryStates) {
        let shown = states.rows[states.indices]
        guard let first = shown.first, let last = shown.last else { return }
        let place = opened(first.position)
        open[place].advance(to: states.boundary, first.position..<last.position + 1)
        open[place].areFolded = open[place].isComplete
    }

    /// Notes that some tokens, side by side from `position` on, have come.
    /// - Returns: their place among those that are open.
    private func begin(_ position: Int, _ tokens: some Collection<TokenID>) -> Int {
        precondition(position == self.tokens.count, "position \(position) after \(self.tokens.count) tokens")
        if open.count >= Self.openLimit { settle() }
        open.append(OpenPositions(position..<position + tokens.count, boundaries: boundaries))
        self.tokens += tokens
        return open.count - 1
    }

    private func opened(_ position: Int) -> Int {
        guard let place = open.lastIndex(where: { $0.positions.contains(position) }) else {
            preconditionFailure("position \(position) is not open")
        }
        return place
    }

    /// Waits for the roots that other threads find.
    private func settle() {
        let complete = open.prefix { $0.isComplete }
        for positions in complete { unsafe roots += positions.roots }
        open.removeFirst(complete.count)
    }
}
