internal import Keys
internal import Tensors

/// Some positions, side by side, that pass through the layers together: which of their states have come, and who still works on them.
struct OpenPositions {
    let positions: Range<Int>
    let rows: BoundaryRows
    private var next = 0
    private var errands: [Errand] = []
    /// Whether those who hashed the last states have found the roots too.
    var areFolded = false

    init(_ positions: Range<Int>, boundaries: Int) {
        self.positions = positions
        rows = BoundaryRows(positions.count, boundaries: boundaries)
    }

    /// Whether every boundary has come.
    var isComplete: Bool { next == rows.boundaries }

    /// The root over the states of each position, once all is done that was left to others.
    /// - Precondition: complete.
    var roots: UnsafeBufferPointer<Digest> {
        precondition(isComplete, "boundary \(next) of \(positions) has not come")
        for errand in errands { errand.finish() }
        if !areFolded { rows.fold(0..<positions.count) }
        return unsafe rows.roots
    }

    /// Notes that the states at a boundary have come.
    /// - Precondition: it is the next.
    mutating func advance(to boundary: Int, _ positions: Range<Int>) {
        precondition(
            next == boundary && positions == self.positions,
            "boundary \(boundary) of \(positions) after \(next) of \(self.positions)")
        next += 1
    }

    /// Notes work that is needed for the roots.
    mutating func wait(for errand: Errand) { errands.append(errand) }
}

/// The digests of the states of some positions at every boundary, and the root over those of each. Threads share it, each row is one's at a time.
@safe final class BoundaryRows: Sendable {
    private let count: Int
    let boundaries: Int
    /// By row, by boundary.
    nonisolated(unsafe) private let digests: UnsafeMutablePointer<Digest>
    nonisolated(unsafe) private let folded: UnsafeMutablePointer<Digest>

    init(_ count: Int, boundaries: Int) {
        self.count = count
        self.boundaries = boundaries
        unsafe digests = .allocate(capacity: count * boundaries)
        unsafe folded = .allocate(capacity: count)
        unsafe digests.initialize(repeating: .zero, count: count * boundaries)
        unsafe folded.initialize(repeating: .zero, count: count)
    }

    deinit {
        unsafe digests.deallocate()
        unsafe folded.deallocate()
    }

    func set(_ digest: Digest, row: Int, boundary: Int) { unsafe digests[row * boundaries + boundary] = digest }

    /// Finds the roots of rows whose states are all hashed.
    func fold(_ rows: Range<Int>) {
        for row in rows {
            let states = unsafe UnsafeBufferPointer(start: digests + row * boundaries, count: boundaries)
            unsafe folded[row] = MerkleTree.root(ofLeafHashes: Array(states))
        }
    }

    /// Of every row; zero where it was not found.
    var roots: UnsafeBufferPointer<Digest> { unsafe UnsafeBufferPointer(start: folded, count: count) }
}
