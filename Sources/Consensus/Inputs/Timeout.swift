internal import Keys

extension HeightMachine {
    mutating func take(_ timer: TimerID, _ effects: inout [Effect]) {
        guard hasStarted, decision == nil, timer.height == height, timer.round == round else { return }
        switch timer.step {
        case .propose:  // T-to-propose, lines 57–60.
            if step == .propose { cast(.prevote, nil, &effects) }
        case .prevote:  // T-to-prevote, lines 61–64.
            if step == .prevote { cast(.precommit, nil, &effects) }
        case .precommit:  // T-to-precommit, lines 65–67. In any step; no vote on the way.
            if round < roundLimit { start(round: round + 1, &effects) }
        case .rebroadcast:
            guard isMember else { return }
            effects.append(.broadcast(remembered))
            schedule(.rebroadcast, &effects)
        }
    }

    /// What a validator that is stuck says again: what it said itself in this round, why this round began, and the
    /// newest polka it knows.
    private var remembered: [ConsensusMessage] {
        var messages: [ConsensusMessage] = []
        if round > 0, let log = logs[round - 1] {
            let votes = log.precommits.firstVotes
            if !votes.isEmpty, let certificate = RoundCertificate(height: height, round: round - 1, votes: votes) {
                messages.append(.certificate(certificate))
            }
        }
        if let valid, let polka = polka(of: valid.block, in: valid.round) { messages.append(.certificate(polka)) }
        guard let me, let log = logs[round] else { return messages }
        messages += log.proposals.filter { $0.proposal.proposer == me }.map(ConsensusMessage.proposal)
        if let vote = log.prevotes.vote(of: me) { messages.append(.vote(vote)) }
        if let vote = log.precommits.vote(of: me) { messages.append(.vote(vote)) }
        return messages
    }
}
