internal import Keys

/// What was heard of one round, and which rules have already fired in it.
struct RoundLog: Hashable, Sendable {
    /// A correct proposer makes one proposal a round. More show that it lies; four are kept, for those to act on whom
    /// others follow, and any that has a quorum.
    static let proposalLimit = 4

    private(set) var proposals: [SignedProposal] = []
    var prevotes: VoteTally
    var precommits: VoteTally

    // Rules that fire "for the first time" only.
    var hasPrevoteTimer = false
    var hasPrecommitTimer = false
    var hasSeenPolka = false

    init(_ set: ValidatorSet) {
        prevotes = VoteTally(set)
        precommits = VoteTally(set)
    }

    enum Outcome { case added, known, conflict(first: SignedProposal), full }

    mutating func add(_ signed: SignedProposal) -> Outcome {
        if proposals.contains(where: { $0.proposal == signed.proposal }) { return .known }
        let block = signed.proposal.block
        let isWanted = prevotes.majority?.block == block || precommits.majority?.block == block
        guard isWanted || proposals.count < RoundLog.proposalLimit else { return .full }
        let first = proposals.first
        // Wanted ones are bounded too: two majorities, and a polka round for each earlier round.
        proposals.append(signed)
        return first.map { .conflict(first: $0) } ?? .added
    }

    func proposals(of block: Digest) -> [SignedProposal] { proposals.filter { $0.proposal.block == block } }
    func hasProposal(of block: Digest) -> Bool { proposals.contains { $0.proposal.block == block } }
}
