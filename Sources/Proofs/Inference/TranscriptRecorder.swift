package import Keys
package import Models

/// Makes the transcript of one sequence while it is computed. Keeps 32 bytes for each position; states are hashed where they lie.
package final class TranscriptRecorder: StateObserver {
    private let boundaries: Int
    package private(set) var tokens: [TokenID]
    /// For each position whose last boundary was seen, the root over its boundaries.
    package private(set) var boundaryRoots: [Digest]
    /// Digests of the positions that are under way, `boundaries` for each, from position `boundaryRoots.count`.
    private var open: [Digest] = []
    /// How many of them each position has.
    private var seen: [Int] = []
    /// Of positions that come alone: two boundaries of one position are a pair.
    private var hasher = StateBatch(count: 2)
    /// Of a position that is alone in its pass.
    private var held: StateBatch.Held

    /// - Parameters:
    ///   - layers: of the model.
    ///   - tokens: that are not computed again since their keys and values are still in the cache.
    ///   - boundaryRoots: their roots, as the recorder has given them that saw them.
    /// - Precondition: one root for each reused token.
    package init(layers: Int, reusing tokens: [TokenID] = [], boundaryRoots: [Digest] = []) {
        precondition(tokens.count == boundaryRoots.count, "\(tokens.count) tokens, \(boundaryRoots.count) roots")
        boundaries = layers + 1
        held = StateBatch.Held(boundaries: layers + 1)
        self.tokens = tokens
        self.boundaryRoots = boundaryRoots
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
        let place = begin(position: position, token: token, boundary: boundary)
        unsafe hasher.add(state, place: place) { open[$0] = $1 }
        if boundary == boundaries - 1 { close { $0(seen.indices) } }
    }

    package func observe(_ states: BoundaryStates) {
        let rows = states.indices
        guard rows.count > 1 else {
            if let row = rows.first { hold(states, row) }
            return
        }
        let places = rows.map { index in
            begin(
                position: states.rows[index].position, token: states.rows[index].token, boundary: states.boundary)
        }
        unsafe open.withUnsafeMutableBufferPointer { open in
            states.share { part in
                var hasher = StateBatch(count: part.count)
                for index in part {
                    let place = places[index - rows.lowerBound]
                    unsafe hasher.add(states[index], place: place) { unsafe open[$0] = $1 }
                }
                hasher.finish { unsafe open[$0] = $1 }
            }
        }
        if states.boundary == boundaries - 1 {
            close { fold in states.share { fold($0.lowerBound - rows.lowerBound..<$0.upperBound - rows.lowerBound) } }
        }
    }

    /// One position of an answer under way: hashed when its last state is there, by all threads of the pass.
    private func hold(_ states: BoundaryStates, _ index: Int) {
        let row = states.rows[index], boundary = states.boundary
        let place = begin(position: row.position, token: row.token, boundary: boundary)
        unsafe held.hold(states[index], at: boundary)
        guard boundary == boundaries - 1 else { return }
        unsafe open.withUnsafeMutableBufferPointer { open in
            states.share(held.batchIndices, atLeast: 1) { part in
                held.digests(of: part) { unsafe open[place - boundary + $0] = $1 }
            }
        }
        close { $0(seen.indices) }
    }

    /// Notes that a state has come.
    /// - Returns: the place of its digest.
    private func begin(position: Int, token: TokenID, boundary: Int) -> Int {
        let row = position - boundaryRoots.count
        precondition(row >= 0, "position \(position) was recorded before")
        if boundary == 0 {
            precondition(row == seen.count, "position \(position) after \(tokens.count) tokens")
            tokens.append(token)
            seen.append(0)
            open.append(contentsOf: repeatElement(.zero, count: boundaries))
        }
        precondition(row < seen.count && seen[row] == boundary, "boundary \(boundary) of position \(position)")
        seen[row] += 1
        return row * boundaries + boundary
    }

    /// Folds the open positions when all of them are complete, i.e. at the end of a pass.
    /// - Parameter share: calls its argument with ranges that are together all open positions, on several threads if it likes.
    private func close(_ share: ((Range<Int>) -> Void) -> Void) {
        guard seen.allSatisfy({ $0 == boundaries }) else { return }
        hasher.finish { open[$0] = $1 }
        var roots = [Digest](repeating: .zero, count: seen.count)
        unsafe roots.withUnsafeMutableBufferPointer { roots in
            share { part in
                for row in part {
                    let states = Array(open[row * boundaries..<(row + 1) * boundaries])
                    unsafe roots[row] = MerkleTree.root(ofLeafHashes: MerkleTree.leafHashes(states))
                }
            }
        }
        boundaryRoots += roots
        open.removeAll(keepingCapacity: true)
        seen.removeAll(keepingCapacity: true)
    }
}
