/// How long each side of a dispute may still think, in blocks, as in chess: a side's clock runs while it is to move.
///
/// A whole dispute lasts at most both budgets, whatever the moves; a deadline for each move alone would let a griefer use all of
/// each of them.
package struct DisputeClock: Hashable, Sendable {
    package private(set) var provider: UInt64
    package private(set) var challenger: UInt64
    /// Height at which the side that is to move got the move.
    private(set) var since: UInt64

    /// - Parameters:
    ///   - budget: blocks for each side.
    ///   - height: at which the dispute begins.
    package init(budget: UInt64, at height: UInt64) {
        provider = budget
        challenger = budget
        since = height
    }

    /// A clock that has run.
    init(provider: UInt64, challenger: UInt64, since: UInt64) {
        self.provider = provider
        self.challenger = challenger
        self.since = since
    }

    /// Last height at which `side`, being to move, is in time.
    package func deadline(of side: DisputeSide) -> UInt64 {
        let (height, overflow) = since.addingReportingOverflow(side == .provider ? provider : challenger)
        return overflow ? .max : height
    }

    /// Ends the turn of `side`.
    /// - Precondition: it is in time.
    package mutating func press(_ side: DisputeSide, at height: UInt64) {
        let used = height > since ? height - since : 0
        switch side {
        case .provider: provider -= min(used, provider)
        case .challenger: challenger -= min(used, challenger)
        }
        since = max(since, height)
    }
}

/// The two that disagree about an answer.
package enum DisputeSide: Hashable, Sendable {
    case provider
    case challenger

    package var other: DisputeSide { self == .provider ? .challenger : .provider }
}
