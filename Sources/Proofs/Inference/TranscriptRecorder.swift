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

    /// - Parameters:
    ///   - layers: of the model.
    ///   - tokens: that are not computed again since their keys and values are still in the cache.
    ///   - boundaryRoots: their roots, as the recorder has given them that saw them.
    /// - Precondition: one root for each reused token.
    package init(layers: Int, reusing tokens: [TokenID] = [], boundaryRoots: [Digest] = []) {
        precondition(tokens.count == boundaryRoots.count, "\(tokens.count) tokens, \(boundaryRoots.count) roots")
        boundaries = layers + 1
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
        let row = position - boundaryRoots.count
        precondition(row >= 0, "position \(position) was recorded before")
        if boundary == 0 {
            precondition(row == seen.count, "position \(position) after \(tokens.count) tokens")
            tokens.append(token)
            seen.append(0)
            open.append(contentsOf: repeatElement(.zero, count: boundaries))
        }
        precondition(row < seen.count && seen[row] == boundary, "boundary \(boundary) of position \(position)")
        open[row * boundaries + boundary] = unsafe StateDigest.of(state)
        seen[row] += 1
        if boundary == boundaries - 1 { close() }
    }

    /// Folds the open positions when all of them are complete, i.e. at the end of a pass.
    private func close() {
        guard seen.allSatisfy({ $0 == boundaries }) else { return }
        for row in seen.indices {
            let states = open[row * boundaries..<(row + 1) * boundaries]
            boundaryRoots.append(MerkleTree.root(ofLeafHashes: states.map { MerkleTree.leafHash($0.bytes) }))
        }
        open.removeAll(keepingCapacity: true)
        seen.removeAll(keepingCapacity: true)
    }
}
