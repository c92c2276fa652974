package import Models

/// Gives each sequence of a pass its own observers.
package final class PieceObservers: StateObserver {
    private let observers: [[any StateObserver]]

    /// - Parameter observers: for each piece of the pass, in order; none for one that nobody observes.
    package init(_ observers: [[any StateObserver]]) { self.observers = observers }

    package func reader(of states: BoundaryStates) -> StateReader? {
        var readers: [(rows: Range<Int>, read: StateReader)] = []
        forEach(of: states) { observer, some in
            if let reader = observer.reader(of: some) { readers.append((some.indices, reader)) }
        }
        guard !readers.isEmpty else { return nil }
        return { part in
            for (rows, read) in readers where rows.overlaps(part) { read(rows.clamped(to: part)) }
        }
    }

    package func observe(_ states: BoundaryStates) { forEach(of: states) { $0.observe($1) } }

    /// Calls `body` with each observer and the states of its sequence.
    private func forEach(of states: BoundaryStates, _ body: (any StateObserver, BoundaryStates) -> Void) {
        var start = states.indices.lowerBound
        while start < states.indices.upperBound {
            let piece = states.rows[start].piece
            let end = states.rows[start..<states.indices.upperBound].firstIndex { $0.piece != piece }
            let some = states.only(start..<(end ?? states.indices.upperBound))
            if piece < observers.count { for observer in observers[piece] { body(observer, some) } }
            start = some.indices.upperBound
        }
    }

    package func observe(_ states: PositionStates) {
        guard states.row.piece < observers.count else { return }
        for observer in observers[states.row.piece] { observer.observe(states) }
    }

    package func observe(
        piece: Int, position: Int, token: TokenID, boundary: Int, state: UnsafeBufferPointer<Float>
    ) {
        guard piece < observers.count else { return }
        for observer in observers[piece] {
            unsafe observer.observe(piece: piece, position: position, token: token, boundary: boundary, state: state)
        }
    }
}
