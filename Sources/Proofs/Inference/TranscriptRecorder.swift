package import Keys
package import Models
internal import Tensors

/// Makes the transcript of one sequence while it is computed. Keeps 32 bytes for each position; states are hashed where they lie, by threads of
/// the pass that have nothing else to do.
package final class TranscriptRecorder: StateObserver {
    /// Passes whose roots are waited for together, so that those of the last one are not waited for.
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
        let row = boundary == 0 ? begin(position, CollectionOfOne(token)) : opened(position)
        row.advance(to: boundary, position..<position + 1)
        row.set(unsafe StateDigest.of(state), row: 0, boundary: boundary)
        if row.isComplete { row.fold(0..<1) }
    }

    package func observe(_ states: PositionStates) {
        precondition(states.boundaries == boundaries, "\(states.boundaries) boundaries of \(boundaries)")
        let position = states.row.position
        let row = begin(position, CollectionOfOne(states.row.token))
        for boundary in 0..<boundaries { row.advance(to: boundary, position..<position + 1) }
        nonisolated(unsafe) let numbers = unsafe states.numbers
        let width = states.width
        let errand = Errand {
            unsafe StateDigest.of(finite: numbers, width: width) { row.set($1, row: 0, boundary: $0) }
            row.fold(0..<1)
        }
        row.wait(for: errand)
        states.leave(errand)
    }

    package func observe(_ states: BoundaryStates) {
        let shown = states.rows[states.indices], boundary = states.boundary, width = states.width
        guard let first = shown.first, let last = shown.last else { return }
        let rows = boundary == 0 ? begin(first.position, shown.lazy.map(\.token)) : opened(first.position)
        rows.advance(to: boundary, first.position..<last.position + 1)
        for start in stride(from: 0, to: shown.count, by: StateDigest.limit) {
            let part = start..<min(start + StateDigest.limit, shown.count)
            let place = shown.startIndex + start
            nonisolated(unsafe) let numbers = unsafe states.numbers(place..<place + part.count)
            let hashing = Errand {
                unsafe StateDigest.of(finite: numbers, width: width) {
                    rows.set($1, row: start + $0, boundary: boundary)
                }
            }
            states.leave(hashing)
            guard rows.isComplete else { continue }
            let folding = Errand {
                hashing.finish()
                rows.fold(part)
            }
            rows.wait(for: folding)
            states.offer(folding)
        }
    }

    /// Notes that some tokens, side by side from `position` on, have come.
    private func begin(_ position: Int, _ tokens: some Collection<TokenID>) -> OpenPositions {
        precondition(position == self.tokens.count, "position \(position) after \(self.tokens.count) tokens")
        if open.count >= Self.openLimit { settle() }
        let begun = OpenPositions(position..<position + tokens.count, boundaries: boundaries)
        open.append(begun)
        self.tokens += tokens
        return begun
    }

    private func opened(_ position: Int) -> OpenPositions {
        guard let opened = open.last(where: { $0.positions.contains(position) }) else {
            preconditionFailure("position \(position) is not open")
        }
        return opened
    }

    /// Waits for the roots that other threads find.
    private func settle() {
        let complete = open.prefix { $0.isComplete }
        for positions in complete { unsafe roots += positions.roots }
        open.removeFirst(complete.count)
    }
}
