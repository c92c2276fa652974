package import Tensors

/// The states of one position at all boundaries, side by side. They stay until the next pass, and longer as long as an errand that was left is not done.
@safe package struct PositionStates {
    package let row: BoundaryStates.Row
    /// Layers and one.
    package let boundaries: Int
    package let width: Int
    /// From boundary 0 on, `width` each; every one of them is finite.
    package let numbers: UnsafeBufferPointer<Float>
    private let kept: KeptStates

    fileprivate init(
        row: BoundaryStates.Row, boundaries: Int, width: Int, first: UnsafePointer<Float>, kept: KeptStates
    ) {
        self.row = row
        self.boundaries = boundaries
        self.width = width
        unsafe numbers = unsafe UnsafeBufferPointer(start: first, count: boundaries * width)
        self.kept = kept
    }

    package subscript(boundary: Int) -> UnsafeBufferPointer<Float> {
        unsafe UnsafeBufferPointer(rebasing: numbers[boundary * width..<boundary * width + width])
    }

    /// Leaves work on the states to a thread of the transformer that has nothing else to do.
    package func leave(_ errand: Errand) { kept.readers.leave(errand) }
}

/// Keeps the states of a pass of few positions until it is over. What an observer does with them then meets warm caches, which the weights
/// of every layer sweep, and has the pause between two tokens.
@safe final class KeptStates {
    /// The positions of a pass whose states are kept: some megabytes.
    static let rowLimit = 16

    private let boundaries: Int
    private let width: Int
    private var memory = Floats(0)
    fileprivate let readers: ErrandList

    init(_ shape: TransformerShape, crew: Crew) {
        boundaries = shape.layers + 1
        width = shape.width
        readers = ErrandList(crew)
    }

    deinit { readers.finish() }

    func keep(_ states: UnsafePointer<Float>, rows: Int, boundary: Int) {
        if boundary == 0 {
            readers.finish()
            let count = rows * boundaries * width
            if memory.count < count { memory = Floats(count) }
        }
        for row in 0..<rows {
            let place = unsafe memory.base + (row * boundaries + boundary) * width
            unsafe place.update(from: states + row * width, count: width)
        }
    }

    /// Shows what was kept of a whole pass.
    func show(_ rows: [BoundaryStates.Row], to observer: any StateObserver) {
        for (index, row) in rows.enumerated() {
            observer.observe(
                unsafe PositionStates(
                    row: row, boundaries: boundaries, width: width, first: memory.base + index * boundaries * width,
                    kept: self))
        }
    }
}
