/// The proposers of one height, computed round by round when a round is first reached.
///
/// Who asks for a round pays its steps: so ask only for the own round and a few after it, never for a round that a
/// single peer names.
struct ProposerOrder: Hashable, Sendable {
    private var last: ValidatorSet
    private var known: [ValidatorID]

    /// - Parameter set: the set of the height, already advanced once for it.
    init(_ set: ValidatorSet) {
        last = set
        known = [set.proposer]
    }

    mutating func proposer(of round: Round) -> ValidatorID {
        while known.count <= Int(round) {
            last.advance()
            known.append(last.proposer)
        }
        return known[Int(round)]
    }
}
