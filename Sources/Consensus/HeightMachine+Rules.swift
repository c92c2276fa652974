internal import Keys

// The rules of Algorithm 1 that look at messages. Several can hold at once; then any order is correct, and every change
// of state is followed by another look at all of them.

extension HeightMachine {
    mutating func applyRules(_ effects: inout [Effect]) {
        var isChanged = true
        while isChanged, !hasHalted {
            isChanged = decide(&effects)
            guard decision == nil, !hasHalted else { return }
            isChanged = skip(&effects) || isChanged
            isChanged = prevote(&effects) || isChanged
            isChanged = waitForPrevotes(&effects) || isChanged
            isChanged = lock(&effects) || isChanged
            isChanged = precommitNil(&effects) || isChanged
            isChanged = waitForPrecommits(&effects) || isChanged
        }
    }

    /// T-round, T-prop, T-prop-to (lines 11–21). Locks and the valid value are kept from round to round. The propose
    /// timer runs at the proposer too, as building a value may fail.
    mutating func start(round next: Round, _ effects: inout [Effect]) {
        round = next
        step = .propose
        isBuilding = false
        forgetOldRounds()
        if isMember, order.proposer(of: round) == me {
            if let valid {
                propose(valid.block, polkaRound: valid.round, &effects)
            } else {
                isBuilding = true
                effects.append(.buildValue(round: round))
            }
        }
        schedule(.propose, &effects)
        if isMember { schedule(.rebroadcast, &effects) }
    }

    /// With an older value goes the proof that it may be prevoted: others may not have seen that polka.
    mutating func propose(_ block: Digest, polkaRound: Round?, _ effects: inout [Effect]) {
        guard let me else { return }
        effects.append(
            .signProposal(
                Proposal(
                    height: height, round: round, polkaRound: polkaRound, block: block, proposer: me)))
        if let polkaRound, let polka = polka(of: block, in: polkaRound) {
            effects.append(.broadcast([.certificate(polka)]))
        }
    }

    /// T-decide (lines 49–54): a proposal and more than two thirds of precommits of *any* round, for a valid block.
    private mutating func decide(_ effects: inout [Effect]) -> Bool {
        for candidate in logs.keys.sorted() {
            guard let log = logs[candidate], let block = log.precommits.majority?.block else { continue }
            if let decision {
                guard decision.block != block else { continue }
                halt(.secondDecision(block, round: candidate), &effects)
                return true
            }
            if case .known(valid: false, _) = validity[block] {
                halt(.quorumForInvalid(block, round: candidate), &effects)
                return true
            }
            guard isKnownValid(block), log.hasProposal(of: block) else { continue }
            decision = Lock(block: block, round: candidate)
            if let commit { effects.append(.decide(block, round: candidate, commit)) }
            return true
        }
        return false
    }

    /// T-skip (lines 55–56): more than a third of the power has reached a later round.
    ///
    /// We look at the latest round each validator spoke in, and go to the highest round that more than a third has
    /// reached or passed. That includes the paper's case of f+1 messages in one round, needs one number a validator,
    /// and a round so reached was reached by a correct validator.
    private mutating func skip(_ effects: inout [Effect]) -> Bool {
        var power: UInt64 = 0
        let ahead = latestRounds.indices
            .compactMap { index in latestRounds[index].flatMap { $0 > round ? (round: $0, index: index) : nil } }
            .sorted { ($0.round, $0.index) > ($1.round, $1.index) }
        for entry in ahead {
            power += validators.validators[entry.index].power
            if Quorum.hasCorrect(power, of: validators.totalPower) {
                start(round: entry.round, &effects)
                return true
            }
        }
        return false
    }

    /// T-prevote-new (lines 22–27) and T-prevote-old (lines 28–33).
    private mutating func prevote(_ effects: inout [Effect]) -> Bool {
        guard step == .propose, let log = logs[round] else { return false }
        for signed in log.proposals {
            let proposal = signed.proposal
            let isAllowedByLock: Bool
            if let polkaRound = proposal.polkaRound {
                guard logs[polkaRound]?.prevotes.majority == .of(proposal.block) else { continue }
                isAllowedByLock = locked.map { $0.round <= polkaRound || $0.block == proposal.block } ?? true
            } else {
                isAllowedByLock = locked.map { $0.block == proposal.block } ?? true
            }
            guard case .known(let isValid, let isTimely) = validity[proposal.block] else { continue }
            // The date was judged by more than two thirds in the polka round already.
            let isAcceptable = isValid && (isTimely || proposal.polkaRound != nil)
            cast(.prevote, isAcceptable && isAllowedByLock ? proposal.block : nil, &effects)
            return true
        }
        return false
    }

    /// T-pv-wait (lines 34–35): more than two thirds prevoted, but for nothing in common.
    private mutating func waitForPrevotes(_ effects: inout [Effect]) -> Bool {
        guard step == .prevote, let log = logs[round], !log.hasPrevoteTimer, log.prevotes.isComplete else {
            return false
        }
        logs[round]?.hasPrevoteTimer = true
        schedule(.prevote, &effects)
        return true
    }

    /// T-lock (lines 36–43): a polka for a valid block of this round. The valid value moves even when it is too late
    /// to precommit: that is how a lock that only one validator has becomes known to others.
    private mutating func lock(_ effects: inout [Effect]) -> Bool {
        guard step >= .prevote, let log = logs[round], !log.hasSeenPolka, let block = log.prevotes.majority?.block,
            isKnownValid(block), log.hasProposal(of: block)
        else { return false }
        logs[round]?.hasSeenPolka = true
        valid = Lock(block: block, round: round)
        if step == .prevote {
            locked = valid
            cast(.precommit, block, &effects)
        }
        return true
    }

    /// T-pc-nil (lines 44–46): a polka for nil. A lock is untouched.
    private mutating func precommitNil(_ effects: inout [Effect]) -> Bool {
        guard step == .prevote, logs[round]?.prevotes.majority == .ofNil else { return false }
        cast(.precommit, nil, &effects)
        return true
    }

    /// T-pc-wait (lines 47–48): more than two thirds precommitted, in any step of ours.
    private mutating func waitForPrecommits(_ effects: inout [Effect]) -> Bool {
        guard let log = logs[round], !log.hasPrecommitTimer, log.precommits.isComplete else { return false }
        logs[round]?.hasPrecommitTimer = true
        schedule(.precommit, &effects)
        return true
    }

    // MARK: Helpers

    /// Votes and moves to the step of the vote.
    mutating func cast(_ kind: Vote.Kind, _ block: Digest?, _ effects: inout [Effect]) {
        step = kind == .prevote ? .prevote : .precommit
        isBuilding = false
        guard isMember, let me else { return }
        effects.append(.signVote(Vote(kind, height: height, round: round, block: block, voter: me)))
    }

    func schedule(_ step: TimerID.Step, _ effects: inout [Effect]) {
        let timer = TimerID(height: height, round: round, step: step)
        effects.append(.schedule(timer, timeouts.delay(of: step, round: round)))
    }

    func isKnownValid(_ block: Digest) -> Bool {
        if case .known(valid: true, _) = validity[block] { true } else { false }
    }

    func polka(of block: Digest, in polkaRound: Round) -> RoundCertificate? {
        guard let prevotes = logs[polkaRound]?.prevotes, prevotes.majority == .of(block) else { return nil }
        return RoundCertificate(height: height, round: polkaRound, votes: prevotes.votes(for: block))
    }

    mutating func halt(_ reason: HaltReason, _ effects: inout [Effect]) {
        hasHalted = true
        effects.append(.halt(reason))
    }

    /// Nil votes of rounds before the last have no further use; votes for blocks do (T-prevote-old, T-decide).
    private mutating func forgetOldRounds() {
        guard round >= 2 else { return }
        for old in logs.keys.sorted() where old < round - 1 {
            logs[old]?.prevotes.dropNilVotes()
            logs[old]?.precommits.dropNilVotes()
        }
    }
}
