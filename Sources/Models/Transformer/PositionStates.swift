package import Tensors

/// The states of one position at all boundaries, side by side. Each stays until the next pass comes to its boundary, and longer as long as an
/// errand about it is not done.
@safe package struct PositionStates {
    package let row: BoundaryStates.Row
    /// Layers and one.
    package let boundaries: Int
    package let width: Int
    private let first: UnsafePointer<Float>
    private let readers: [ErrandList]

    fileprivate init(
        row: BoundaryStates.Row, boundaries: Int, width: Int, first: UnsafePointer<Float>, readers: [ErrandList]
    ) {
        self.row = row
        self.boundaries = boundaries
        self.width = width
        unsafe self.first = unsafe first
        self.readers = readers
    }

    package subscript(boundary: Int) -> UnsafeBufferPointer<Float> { unsafe numbers(boundary..<boundary + 1) }

    /// Those at some boundaries, side by side; every one of them is finite.
    package func numbers(_ boundaries: Range<Int>) -> UnsafeBufferPointer<Float> {
        precondition(boundaries.lowerBound >= 0 && boundaries.upperBound <= self.boundaries, "\(boundaries)")
        return unsafe UnsafeBufferPointer(
            start: first + boundaries.lowerBound * width, count: boundaries.count * width)
    }

    /// Boundaries whose states are read together.
    package var parts: [Range<Int>] { KeptStates.parts(boundaries) }

    /// Leaves work on the states of one of the ``parts`` to a thread of the transformer that has nothing else to do.
    package func leave(_ errand: Errand, on part: Int) { readers[part].leave(errand) }
}

/// Keeps the states of a pass of few positions until it is over. What an observer does with them then meets warm caches, which the weights
/// of every layer sweep, and has the pause between two tokens.
@safe final class KeptStates {
    /// The positions of a pass whose states are kept: some megabytes.
    static let rowLimit = 16

    private let boundaries: Int
    private let width: Int
    private var memory = Floats(0)
    /// Of each part.
    private let readers: [ErrandList]

    init(_ shape: TransformerShape, crew: Crew) {
        boundaries = shape.layers + 1
        width = shape.width
        readers = Self.parts(boundaries).map { _ in ErrandList(crew) }
    }

    deinit { for part in readers { part.finish() } }

    fileprivate static func parts(_ boundaries: Int) -> [Range<Int>] {
        let length = BoundaryStates.readTogether
        return stride(from: 0, to: boundaries, by: length).map { $0..<min($0 + length, boundaries) }
    }

    func keep(_ states: UnsafePointer<Float>, rows: Int, boundary: Int) {
        let count = rows * boundaries * width
        if memory.count < count {
            for part in readers { part.finish() }
            memory = Floats(count)
        }
        let (part, place) = boundary.quotientAndRemainder(dividingBy: BoundaryStates.readTogether)
        if place == 0 { readers[part].finish() }
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
                    readers: readers))
        }
    }
}
