package import Ledger

/// Decides which move of which dispute a node works on next. Pure: it is shown the ledger after each block.
///
/// All that it remembers is what was tried: after a restart each move is made once more, which the ledger takes or refuses.
package struct DisputeTurns {
    /// A dispute in which this node is to move.
    package struct Turn: Hashable {
        package let answer: AnswerID
        package let number: UInt32
        /// The last height for the move.
        package let deadline: UInt64

        package init(answer: AnswerID, number: UInt32, deadline: UInt64) {
            self.answer = answer
            self.number = number
            self.deadline = deadline
        }
    }

    /// A move that is not on the ledger after so many blocks is sent again: a node that had not seen the move before takes no large one.
    static let patience: UInt64 = 3

    private struct Tried: Hashable {
        var number: UInt32
        /// When to try again; nil for never.
        var again: UInt64?
    }

    package init() {}

    private var tried: [AnswerID: Tried] = [:]

    /// - Parameter waiting: all disputes in which this node is to move after the block at `height`.
    /// - Returns: the most urgent that was not tried yet, or so long ago that it is lost.
    package mutating func next(of waiting: [Turn], at height: UInt64) -> Turn? {
        // A dispute that does not wait was moved in, or has ended.
        let open = Dictionary(waiting.map { ($0.answer, $0.number) }) { first, _ in first }
        tried = tried.filter { open[$0.key] == $0.value.number }
        return waiting.filter { turn in
            guard turn.deadline > height else { return false }
            guard let last = tried[turn.answer] else { return true }
            return last.again.map { height >= $0 } ?? false
        }.min { ($0.deadline, $0.answer) < ($1.deadline, $1.answer) }
    }

    /// The move was handed to the chain, or could not be made for a reason that may pass.
    package mutating func sent(_ turn: Turn, at height: UInt64) {
        tried[turn.answer] = Tried(number: turn.number, again: height + Self.patience)
    }

    /// This node has nothing to say: the other side is right.
    package mutating func gaveUp(_ turn: Turn) { tried[turn.answer] = Tried(number: turn.number, again: nil) }
}
