package import Keys
package import Models

/// Keeps the digest of every state of one sequence, about a kilobyte a position: for whoever opens a transcript.
package final class BoundaryDigests: StateObserver {
    private let boundaries: Int
    /// By position, by boundary.
    package private(set) var positions: [[Digest]] = []

    package init(layers: Int) { boundaries = layers + 1 }

    package func observe(
        piece: Int, position: Int, token: TokenID, boundary: Int, state: UnsafeBufferPointer<Float>
    ) {
        note(unsafe StateDigest.of(state), at: position, boundary)
    }

    package func observe(_ states: BoundaryStates) {
        for (row, digest) in zip(states.rows[states.indices], StateDigest.of(states)) {
            note(digest, at: row.position, states.boundary)
        }
    }

    private func note(_ digest: Digest, at position: Int, _ boundary: Int) {
        if boundary == 0 { positions.append(Array(repeating: .zero, count: boundaries)) }
        positions[position][boundary] = digest
    }
}
