/// An array of 32-bit floats in row-major order.
package struct Tensor: Hashable, Sendable {
    package let shape: [Int]
    package var elements: [Float]

    /// - Precondition: the shape has as many elements as there are.
    package init(shape: [Int], elements: [Float]) {
        precondition(shape.allSatisfy { $0 >= 0 }, "a negative extent in \(shape)")
        precondition(shape.reduce(1, *) == elements.count, "\(elements.count) elements do not fill \(shape)")
        self.shape = shape
        self.elements = elements
    }

    package init(zeros shape: [Int]) {
        self.init(shape: shape, elements: Array(repeating: 0, count: shape.reduce(1, *)))
    }

    /// The extents of a matrix.
    /// - Precondition: the tensor has two dimensions.
    package var rows: Int { matrix.rows }
    package var columns: Int { matrix.columns }

    private var matrix: (rows: Int, columns: Int) {
        precondition(shape.count == 2, "a matrix was expected, not \(shape)")
        return (shape[0], shape[1])
    }

    package subscript(row: Int, column: Int) -> Float {
        get { elements[row * columns + column] }
        set { elements[row * columns + column] = newValue }
    }

    /// True when both have the same shape and the same bits, where one NaN is like another.
    package func isIdentical(to other: Tensor) -> Bool {
        shape == other.shape
            && zip(elements, other.elements).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
    }
}
