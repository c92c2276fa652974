internal import Keys
internal import Tensors

/// The digests of the states of some positions, side by side, that pass through the layers together, and then the root over those of each.
///
/// One thread opens them and looks at the roots. Others hash and fold parts of the rows, each its own, by errands that the first one waits for.
@safe final class OpenPositions: Sendable {
    let positions: Range<Int>
    private let boundaries: Int
    /// By row, by boundary.
    nonisolated(unsafe) private let digests: UnsafeMutablePointer<Digest>
    nonisolated(unsafe) private let folded: UnsafeMutablePointer<Digest>
    // Of the thread that opened them.
    nonisolated(unsafe) private var next = 0
    nonisolated(unsafe) private var folds: [Errand] = []

    init(_ positions: Range<Int>, boundaries: Int) {
        self.positions = positions
        self.boundaries = boundaries
        unsafe digests = .allocate(capacity: positions.count * boundaries)
        unsafe folded = .allocate(capacity: positions.count)
        unsafe digests.initialize(repeating: .zero, count: positions.count * boundaries)
        unsafe folded.initialize(repeating: .zero, count: positions.count)
    }

    deinit {
        unsafe digests.deallocate()
        unsafe folded.deallocate()
    }

    /// Whether every boundary has come.
    var isComplete: Bool { unsafe next == boundaries }

    /// The root over the states of each position, once all is done that was left to others.
    /// - Precondition: complete.
    var roots: UnsafeBufferPointer<Digest> {
        precondition(isComplete, "boundary \(unsafe next) of \(positions) has not come")
        for fold in unsafe folds { fold.finish() }
        return unsafe UnsafeBufferPointer(start: folded, count: positions.count)
    }

    /// Notes that the states at a boundary have come.
    /// - Precondition: it is the next.
    func advance(to boundary: Int, _ positions: Range<Int>) {
        precondition(
            unsafe next == boundary && positions == self.positions,
            "boundary \(boundary) of \(positions) after \(unsafe next) of \(self.positions)")
        unsafe next += 1
    }

    /// Notes who finds roots.
    func wait(for fold: Errand) { unsafe folds.append(fold) }

    // MARK: On any thread

    func set(_ digest: Digest, row: Int, boundary: Int) { unsafe digests[row * boundaries + boundary] = digest }

    /// Finds the roots of rows whose states are all hashed.
    func fold(_ rows: Range<Int>) {
        for row in rows {
            let states = unsafe UnsafeBufferPointer(start: digests + row * boundaries, count: boundaries)
            unsafe folded[row] = MerkleTree.root(ofLeafHashes: Array(states))
        }
    }
}
