internal import Tensors

/// Sees every state of every position that a transformer computes; proofs are made of them.
package protocol StateObserver: AnyObject {
    /// Called on the thread that runs the pass, for every position fed and every boundary from 0 to the number of layers, each
    /// position's boundaries in rising order.
    /// - Parameters:
    ///   - piece: index of the sequence in the pass.
    ///   - position: of the token in its sequence, from 0.
    ///   - boundary: 0 = the embedding, l = the output of layer l (1…layers), before the final norm.
    ///   - state: lent for the call only.
    func observe(piece: Int, position: Int, token: TokenID, boundary: Int, state: UnsafeBufferPointer<Float>)

    /// Called by the transformer in a pass of many positions before it makes their states at one boundary. What is returned is called with parts of the
    /// rows, on several threads at once, each right after it has made them: they still lie in its caches. Nil without a method of its own.
    func reader(of states: BoundaryStates) -> StateReader?

    /// Called instead by the transformer in a pass of many positions when the states of all of them at one boundary are made, and read by the
    /// ``reader(of:)``. Without a method of its own an observer sees them one by one.
    func observe(_ states: BoundaryStates)

    /// Called instead by the transformer after a pass of few positions: all states of one of them, side by side. Without a method of its own
    /// an observer sees them one by one.
    func observe(_ states: PositionStates)
}

/// Does something with the states of some rows.
package typealias StateReader = (Range<Int>) -> Void

extension StateObserver {
    package func reader(of states: BoundaryStates) -> StateReader? { nil }

    package func observe(_ states: BoundaryStates) {
        for index in states.indices {
            let row = states.rows[index]
            unsafe observe(
                piece: row.piece, position: row.position, token: row.token, boundary: states.boundary,
                state: states[index])
        }
    }

    package func observe(_ states: PositionStates) {
        for boundary in 0..<states.boundaries {
            let row = states.row
            unsafe observe(
                piece: row.piece, position: row.position, token: row.token, boundary: boundary,
                state: states[boundary])
        }
    }
}

/// The states of some positions at one boundary, lent for a call: those of one sequence side by side, by rising position.
@safe package struct BoundaryStates {
    package struct Row {
        /// Index of the sequence in the pass.
        package let piece: Int
        package let position: Int
        package let token: TokenID
    }

    /// States that are read together: as many as observers hash at once, and a first cache holds.
    static let readTogether = 16

    package let rows: [Row]
    package let boundary: Int
    package let width: Int
    /// Which of the rows these are.
    package private(set) var indices: Range<Int>
    private let first: UnsafePointer<Float>
    private let crew: Crew

    init(rows: [Row], boundary: Int, width: Int, first: UnsafePointer<Float>, crew: Crew) {
        self.rows = rows
        self.boundary = boundary
        self.width = width
        unsafe self.first = unsafe first
        self.crew = crew
        indices = rows.indices
    }

    package subscript(index: Int) -> UnsafeBufferPointer<Float> {
        precondition(indices.contains(index), "row \(index) of \(indices)")
        return unsafe UnsafeBufferPointer(start: first + index * width, count: width)
    }

    /// Those of some rows, side by side.
    package func numbers(_ rows: Range<Int>) -> UnsafeBufferPointer<Float> {
        precondition(rows.lowerBound >= indices.lowerBound && rows.upperBound <= indices.upperBound, "\(rows)")
        return unsafe UnsafeBufferPointer(start: first + rows.lowerBound * width, count: rows.count * width)
    }

    /// Some of them only.
    package func only(_ range: Range<Int>) -> BoundaryStates {
        precondition(range.lowerBound >= indices.lowerBound && range.upperBound <= indices.upperBound, "\(range)")
        var some = self
        some.indices = range
        return some
    }

    /// Calls `body` for parts of the rows that are all of them together, on several threads at once: as many parts for each.
    /// - Parameter least: rows of one part, as long as there are enough.
    package func share(atLeast least: Int, _ body: (Range<Int>) -> Void) {
        let each = min(4, max(1, indices.count / least / crew.threads))
        let size = max(1, (indices.count + each * crew.threads - 1) / (each * crew.threads))
        crew.run(indices.count, by: size) { part in
            body(indices.lowerBound + part.lowerBound..<indices.lowerBound + part.upperBound)
        }
    }
}
