package import Models

/// Keeps the states at some boundaries of some positions of one sequence.
package final class StateCapture: StateObserver {
    private let boundaries: Set<Int>
    private let positions: Range<Int>
    /// By boundary, in the order of positions.
    package private(set) var states: [Int: [[Float]]] = [:]

    package init(boundaries: Set<Int>, positions: Range<Int>) {
        self.boundaries = boundaries
        self.positions = positions
    }

    /// The states at `boundary`, from the first of the positions that were asked for.
    package func states(at boundary: Int) -> [[Float]] { states[boundary] ?? [] }

    package func observe(
        piece: Int, position: Int, token: TokenID, boundary: Int, state: UnsafeBufferPointer<Float>
    ) {
        guard boundaries.contains(boundary), positions.contains(position) else { return }
        unsafe states[boundary, default: []].append(Array(state))
    }
}
