internal import Keys

extension HeightMachine {
    mutating func take(_ signed: SignedVote, _ effects: inout [Effect]) {
        let vote = signed.vote
        guard vote.height == height else {
            effects.append(.reject(.wrongHeight(vote.height)))
            return
        }
        guard let index = validators.index(of: vote.voter) else {
            effects.append(.reject(.stranger(vote.voter)))
            return
        }
        note(index, in: vote.round)
        guard isInWindow(vote.round) else {
            effects.append(.reject(.tooFarAhead(vote.round)))
            return
        }
        // Nil votes of rounds long past are not kept (see forgetOldRounds).
        if vote.block == nil, round >= 2, vote.round < round - 1 { return }
        switch count(signed, from: index) {
        case .counted, .known: break
        case .conflict(_, isNew: false): break
        case .conflict(let first, isNew: true):
            if vote.voter == me {
                effects.append(.ownKeyAbused(signed))
            } else if let evidence = Evidence(first, signed) {
                effects.append(.evidence(evidence))
            }
        }
    }

    private mutating func count(_ signed: SignedVote, from index: Int) -> VoteTally.Outcome {
        switch signed.vote.kind {
        case .prevote:
            logs[signed.vote.round, default: RoundLog(validators)].prevotes.count(signed, from: index)
        case .precommit:
            logs[signed.vote.round, default: RoundLog(validators)].precommits.count(signed, from: index)
        }
    }
}
