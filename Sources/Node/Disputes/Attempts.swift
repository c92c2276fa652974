/// Says when a step is to be taken that the ledger may never show: once, and again after a while. Pure: it is told the height.
///
/// A transaction can be lost on its way, and what it answers can change before it is in a block; a node that asks after each block whether its step is due
/// sends neither every block nor only once.
package struct Attempts<Subject: Hashable & Sendable, Step: Hashable & Sendable>: Sendable {
    private struct Last: Sendable {
        var step: Step
        /// The height from which it is tried again.
        var again: UInt64
    }

    private let patience: UInt64
    private var last: [Subject: Last] = [:]

    /// - Parameter patience: blocks until a step that the ledger does not show is taken again.
    package init(patience: UInt64) { self.patience = patience }

    /// Whether to take a step after the block at `height`. Another step than the last one about the same subject is due at once.
    package func isDue(_ step: Step, about subject: Subject, at height: UInt64) -> Bool {
        guard let last = last[subject], last.step == step else { return true }
        return height >= last.again
    }

    /// The step was taken, or could not be for a reason that may pass.
    package mutating func tried(_ step: Step, about subject: Subject, at height: UInt64) {
        last[subject] = Last(step: step, again: height + patience)
    }

    /// The step is never to be taken.
    package mutating func gaveUp(_ step: Step, about subject: Subject) {
        last[subject] = Last(step: step, again: .max)
    }

    /// Forgets all other subjects.
    package mutating func keep(only isKept: (Subject) -> Bool) { last = last.filter { isKept($0.key) } }
}
