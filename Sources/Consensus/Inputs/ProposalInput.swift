internal import Keys

extension HeightMachine {
    mutating func take(_ signed: SignedProposal, _ effects: inout [Effect]) {
        let proposal = signed.proposal
        guard proposal.height == height else {
            effects.append(.reject(.wrongHeight(proposal.height)))
            return
        }
        guard let index = validators.index(of: proposal.proposer) else {
            effects.append(.reject(.stranger(proposal.proposer)))
            return
        }
        if let polkaRound = proposal.polkaRound, polkaRound >= proposal.round {
            effects.append(.reject(.polkaRoundNotBefore(polkaRound)))
            return
        }
        guard isInWindow(proposal.round) else {
            // Whose turn it is so far ahead is not computed for one peer; that the validator speaks there is noted.
            note(index, in: proposal.round)
            effects.append(.reject(.tooFarAhead(proposal.round)))
            return
        }
        let expected = order.proposer(of: proposal.round)
        guard expected == proposal.proposer else {
            effects.append(
                .reject(.wrongProposer(proposal.proposer, round: proposal.round, expected: expected)))
            return
        }
        note(index, in: proposal.round)
        switch logs[proposal.round, default: RoundLog(validators)].add(signed) {
        case .known: return
        case .full:
            effects.append(.reject(.tooManyProposals(proposal.round)))
            return
        case .conflict(let first): effects.append(.conflictingProposals(first, signed))
        case .added: break
        }
        if validity[proposal.block] == nil {
            validity[proposal.block] = .asked
            effects.append(.validate(proposal.block))
        }
    }

    func isInWindow(_ candidate: Round) -> Bool {
        candidate <= round || candidate - round <= HeightMachine.roundWindow
    }

    mutating func note(_ index: Int, in candidate: Round) {
        latestRounds[index] = max(latestRounds[index] ?? 0, candidate)
    }
}
