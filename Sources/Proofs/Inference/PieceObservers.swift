package import Models

/// Gives each sequence of a pass its own observers.
package final class PieceObservers: StateObserver {
    private let observers: [[any StateObserver]]

    /// - Parameter observers: for each piece of the pass, in order; none for one that nobody observes.
    package init(_ observers: [[any StateObserver]]) { self.observers = observers }

    package func observe(
        piece: Int, position: Int, token: TokenID, boundary: Int, state: UnsafeBufferPointer<Float>
    ) {
        guard piece < observers.count else { return }
        for observer in observers[piece] {
            unsafe observer.observe(piece: piece, position: position, token: token, boundary: boundary, state: state)
        }
    }
}
