/// Decides what the next pass of a model computes, when many answers are under way. Pure; which bits come out does not depend on it.
package struct BatchPlan: Hashable, Sendable {
    /// One answer, as the plan needs to know it.
    package struct Sequence: Hashable, Sendable {
        package let id: UInt64
        /// Tokens that are known and not fed: the rest of the prompt, or the one sampled last.
        package let unfed: Int
        /// Its reader is slow: nothing is computed for it now.
        package let isPaused: Bool

        package init(id: UInt64, unfed: Int, isPaused: Bool) {
            self.id = id
            self.unfed = unfed
            self.isPaused = isPaused
        }
    }

    package struct Feed: Hashable, Sendable {
        package let id: UInt64
        package let count: Int
    }

    /// Tokens of prompts in one pass while answers are being written. Each answer's next token waits for the pass: 64 tokens of a
    /// prompt delay it by a tenth of a second or so, and a prompt of 1,000 tokens is read in sixteen passes.
    package static let promptBudget = 64
    /// Tokens of one pass when nobody waits for the next token.
    package static let idleBudget = 256

    package let feeds: [Feed]

    /// - Parameter sequences: the oldest first.
    package init(_ sequences: [Sequence]) {
        let open = sequences.filter { !$0.isPaused && $0.unfed > 0 }
        let writing = open.filter { $0.unfed == 1 }
        var budget = writing.isEmpty ? Self.idleBudget : Self.promptBudget
        var feeds = writing.map { Feed(id: $0.id, count: 1) }
        for sequence in open where sequence.unfed > 1 && budget > 0 {
            let count = min(sequence.unfed, budget)
            budget -= count
            feeds.append(Feed(id: sequence.id, count: count))
        }
        self.feeds = feeds
    }
}
