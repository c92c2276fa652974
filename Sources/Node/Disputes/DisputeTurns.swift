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

    private var attempts = Attempts<AnswerID, UInt32>(patience: Self.patience)

    package init() {}

    /// - Parameter waiting: all disputes in which this node is to move after the block at `height`.
    /// - Returns: the most urgent that was not tried yet, or so long ago that it is lost.
    package mutating func next(of waiting: [Turn], at height: UInt64) -> Turn? {
        // A dispute that does not wait was moved in, or has ended.
        let answers = Set(waiting.map(\.answer))
        attempts.keep(only: answers.contains)
        return waiting.filter { turn in
            turn.deadline > height && attempts.isDue(turn.number, about: turn.answer, at: height)
        }.min { ($0.deadline, $0.answer) < ($1.deadline, $1.answer) }
    }

    /// The move was handed to the chain, or could not be made for a reason that may pass.
    package mutating func sent(_ turn: Turn, at height: UInt64) {
        attempts.tried(turn.number, about: turn.answer, at: height)
    }

    /// This node has nothing to say: the other side is right.
    package mutating func gaveUp(_ turn: Turn) { attempts.gaveUp(turn.number, about: turn.answer) }
}
