package import Keys
package import Models
internal import Tensors

/// Makes the transcript of one sequence while it is computed. Keeps 32 bytes for each position; states are hashed where they lie.
package final class TranscriptRecorder: StateObserver {
    /// Roots that are waited for together: more than a pass of few positions has, so those of the last pass are not waited for.
    private static let pendingLimit = 32

    private let boundaries: Int
    package private(set) var tokens: [TokenID]
    /// For each position whose last boundary was seen, the root over its boundaries.
    package var boundaryRoots: [Digest] {
        settle()
        return roots
    }
    private var roots: [Digest]
    /// The positions after those: of a pass of few, whose roots are being found.
    private var pending: [(root: Root, errand: Errand)] = []
    /// Or of a pass of many, that are under way: digests of the states, `boundaries` for each, and how many of them each has.
    private var open: [Digest] = []
    private var seen: [Int] = []

    /// The root over the states of one position, once the errand is done that finds it.
    @safe private final class Root: Sendable {
        nonisolated(unsafe) var digest = Digest.zero
    }

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
        precondition(seen.isEmpty, "a transcript ends between two passes")
        return Transcript(job: job, tokens: tokens, boundaryRoots: boundaryRoots)
    }

    package func observe(
        piece: Int, position: Int, token: TokenID, boundary: Int, state: UnsafeBufferPointer<Float>
    ) {
        let place = begin(position, [token], boundary: boundary)
        unsafe open[place * boundaries + boundary] = StateDigest.of(state)
        if boundary == boundaries - 1 { close { $0(seen.indices) } }
    }

    package func observe(_ states: PositionStates) {
        precondition(
            seen.isEmpty && states.row.position == tokens.count && states.boundaries == boundaries,
            "position \(states.row.position) after \(tokens.count) tokens")
        if pending.count >= Self.pendingLimit { settle() }
        tokens.append(states.row.token)
        let root = Root()
        nonisolated(unsafe) let numbers = unsafe states.numbers
        let width = states.width
        let errand = Errand { [boundaries] in
            var digests = [Digest](repeating: .zero, count: boundaries)
            unsafe StateDigest.of(finite: numbers, width: width) { digests[$0] = $1 }
            unsafe root.digest = MerkleTree.root(ofLeafHashes: digests)
        }
        pending.append((root, errand))
        states.leave(errand)
    }

    package func observe(_ states: BoundaryStates) {
        let rows = states.rows[states.indices], boundary = states.boundary
        guard let first = rows.first, let last = rows.last else { return }
        precondition(last.position - first.position == rows.count - 1, "\(rows.count) positions with gaps")
        let offset = begin(first.position, rows.lazy.map(\.token), boundary: boundary) - rows.startIndex
        unsafe open.withUnsafeMutableBufferPointer { open in
            StateDigest.of(finite: states) { unsafe open[(offset + $0) * boundaries + boundary] = $1 }
        }
        if boundary == boundaries - 1 {
            close { fold in states.share { fold($0.lowerBound + offset..<$0.upperBound + offset) } }
        }
    }

    /// Notes that the states of some tokens, side by side from `position` on, have come.
    /// - Returns: the place of the first among the open ones.
    private func begin(_ position: Int, _ tokens: some Collection<TokenID>, boundary: Int) -> Int {
        settle()
        let first = position - roots.count, places = first..<first + tokens.count
        precondition(first >= 0, "position \(position) was recorded before")
        if boundary == 0 {
            precondition(first == seen.count, "position \(position) after \(self.tokens.count) tokens")
            self.tokens += tokens
            seen += repeatElement(0, count: tokens.count)
            open += repeatElement(.zero, count: tokens.count * boundaries)
        }
        for place in places {
            precondition(place < seen.count && seen[place] == boundary, "boundary \(boundary) of place \(place)")
            seen[place] += 1
        }
        return first
    }

    /// Folds the open positions when all of them are complete, i.e. at the end of a pass.
    /// - Parameter share: calls its argument with ranges that are together all open positions, on several threads if it likes.
    private func close(_ share: ((Range<Int>) -> Void) -> Void) {
        guard seen.allSatisfy({ $0 == boundaries }) else { return }
        var found = [Digest](repeating: .zero, count: seen.count)
        unsafe found.withUnsafeMutableBufferPointer { found in
            share { part in
                for row in part {
                    let states = Array(open[row * boundaries..<(row + 1) * boundaries])
                    unsafe found[row] = MerkleTree.root(ofLeafHashes: states)
                }
            }
        }
        roots += found
        open.removeAll(keepingCapacity: true)
        seen.removeAll(keepingCapacity: true)
    }

    /// Waits for the roots that other threads find.
    private func settle() {
        guard !pending.isEmpty else { return }
        for (root, errand) in pending {
            errand.finish()
            unsafe roots.append(root.digest)
        }
        pending.removeAll(keepingCapacity: true)
    }
}
