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
        if boundary == 0 { positions.append(Array(repeating: .zero, count: boundaries)) }
        positions[position][boundary] = unsafe StateDigest.of(state)
    }
}
