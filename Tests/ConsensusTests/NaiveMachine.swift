import Consensus
import Keys

/// Algorithm 1 written once more, as plainly as possible: a list of all messages, and every rule a search through it.
///
/// It shares no code with `HeightMachine` but the message types. It is slow, keeps everything, and is read next to the
/// paper. What it says is compared with the machine step by step.
struct NaiveMachine {
    enum Heard: Hashable {
        case proposal(Proposal)
        case vote(Vote)
    }

    let committee: Committee
    let me: Int
    var started = false
    var halted = false
    var round: Round = 0
    var step = HeightMachine.Step.propose
    var lockedValue: Digest?
    var lockedRound: Round?
    var validValue: Digest?
    var validRound: Round?
    var decided: Digest?
    var wantsValue = false
    var heard: [Heard] = []
    struct Ballot: Hashable {
        let kind: Vote.Kind
        let round: Round
    }
    var winners: [Ballot: Digest?] = [:]
    /// Second votes that a certificate made count.
    var claims: Set<Vote> = []
    var judged: [Digest: (valid: Bool, timely: Bool)] = [:]
    var asked: Set<Digest> = []
    var farthest: [Int: Round] = [:]
    var done: Set<String> = []
    /// What it said in this step.
    var says: [Heard] = []
    var timers: [TimerID] = []

    init(_ committee: Committee, me: Int) {
        self.committee = committee
        self.me = me
    }

    // MARK: Searches

    var total: UInt64 { committee.set.totalPower }
    func power(_ voters: Set<ValidatorID>) -> UInt64 { voters.reduce(0) { $0 + committee.set.power(of: $1) } }
    func isTwoThirds(_ voters: Set<ValidatorID>) -> Bool { power(voters) > total * 2 / 3 }

    /// Everyone's first vote of a kind in a round.
    func votes(_ kind: Vote.Kind, _ round: Round) -> [Vote] {
        var seen: Set<ValidatorID> = []
        return heard.compactMap {
            guard case .vote(let vote) = $0, vote.kind == kind, vote.round == round else { return nil }
            return seen.insert(vote.voter).inserted ? vote : nil
        }
    }

    /// The first choice with a quorum in a round stays the only one, also when liars add up to a second.
    func hasQuorum(_ kind: Vote.Kind, _ round: Round, for block: Digest?) -> Bool {
        winners[Ballot(kind: kind, round: round)] == .some(block)
    }

    mutating func count(_ kind: Vote.Kind, _ round: Round) {
        let ballot = Ballot(kind: kind, round: round)
        for block in [nil, Committee.a, Committee.b, Committee.c] as [Digest?]
        where winners[ballot] == nil && isTwoThirds(for: block, kind, round) {
            winners[ballot] = .some(block)
        }
    }

    func isTwoThirds(for block: Digest?, _ kind: Vote.Kind, _ round: Round) -> Bool {
        var voters = Set(votes(kind, round).filter { $0.block == block }.map(\.voter))
        if let block {
            for vote in claims where vote.kind == kind && vote.round == round && vote.block == block {
                voters.insert(vote.voter)
            }
        }
        return isTwoThirds(voters)
    }

    func proposals(_ round: Round) -> [Proposal] {
        heard.compactMap {
            guard case .proposal(let proposal) = $0, proposal.round == round else { return nil }
            return proposal
        }
    }

    // MARK: Inputs

    mutating func take(_ input: HeightMachine.Input) {
        says = []
        timers = []
        guard !halted else { return }
        switch input {
        case .start:
            if !started {
                started = true
                begin(0)
            }
        case .proposal(let signed): hear(signed.proposal)
        case .vote(let signed): hear(signed.vote)
        case .certificate(let certificate):
            for signed in certificate.votes { hear(signed.vote) }
            for vote in certificate.votes.map(\.vote) where vote.block != nil {
                let same = certificate.votes.map(\.vote).filter { $0.kind == vote.kind && $0.block == vote.block }
                let isOpen = winners[Ballot(kind: vote.kind, round: vote.round)] == nil
                if isTwoThirds(Set(same.map(\.voter))), isOpen {
                    claims.formUnion(same)
                    count(vote.kind, vote.round)
                }
            }
        case .timeout(let timer):
            guard started, decided == nil, timer.round == round else { break }
            switch timer.step {
            case .propose: if step == .propose { prevote(nil) }
            case .prevote: if step == .prevote { precommit(nil) }
            case .precommit: begin(round + 1)
            case .rebroadcast: break
            }
        case .valueBuilt(let block):
            guard started, wantsValue, decided == nil, step == .propose else { break }
            wantsValue = false
            if judged[block] == nil { judged[block] = (true, true) }
            says.append(
                .proposal(
                    Proposal(height: 1, round: round, polkaRound: nil, block: block, proposer: committee.ids[me])))
        case .validity(let block, let valid, let timely):
            if asked.contains(block), judged[block] == nil { judged[block] = (valid, timely) }
        }
        if started {
            while changeSomething() {}
        }
    }

    mutating func hear(_ proposal: Proposal) {
        let proposer = committee.proposer(proposal.round)
        guard committee.ids[proposer] == proposal.proposer else { return }
        farthest[proposer] = max(farthest[proposer] ?? 0, proposal.round)
        guard !heard.contains(.proposal(proposal)) else { return }
        heard.append(.proposal(proposal))
        asked.insert(proposal.block)
    }

    mutating func hear(_ vote: Vote) {
        let voter = committee.ids.firstIndex(of: vote.voter)!
        farthest[voter] = max(farthest[voter] ?? 0, vote.round)
        if vote.block == nil, round >= 2, vote.round < round - 1 { return }
        if !votes(vote.kind, vote.round).contains(where: { $0.voter == vote.voter }) {
            heard.append(.vote(vote))
            count(vote.kind, vote.round)
        }
    }

    // MARK: Rules

    mutating func begin(_ next: Round) {
        round = next
        step = .propose
        wantsValue = false
        heard.removeAll {
            guard case .vote(let vote) = $0 else { return false }
            return vote.block == nil && round >= 2 && vote.round < round - 1
        }
        for (ballot, block) in winners where block == nil && round >= 2 && ballot.round < round - 1 {
            winners[ballot] = nil
        }
        timers.append(committee.timer(round, .propose))
        guard committee.proposer(round) == me else { return }
        if let validValue {
            says.append(
                .proposal(
                    Proposal(
                        height: 1, round: round, polkaRound: validRound, block: validValue, proposer: committee.ids[me])
                ))
        } else {
            wantsValue = true
        }
    }

    mutating func prevote(_ block: Digest?) {
        step = .prevote
        wantsValue = false
        says.append(.vote(Vote(.prevote, height: 1, round: round, block: block, voter: committee.ids[me])))
    }

    mutating func precommit(_ block: Digest?) {
        step = .precommit
        wantsValue = false
        says.append(.vote(Vote(.precommit, height: 1, round: round, block: block, voter: committee.ids[me])))
    }

    mutating func changeSomething() -> Bool {
        guard !halted else { return false }
        // Lines 49–54.
        for candidate in 0...Round(12) {
            for block in [Committee.a, Committee.b, Committee.c]
            where hasQuorum(.precommit, candidate, for: block) && block != decided {
                if decided != nil || judged[block]?.valid == false {
                    halted = true
                    return false
                }
                if judged[block]?.valid == true, proposals(candidate).contains(where: { $0.block == block }) {
                    decided = block
                    return false
                }
            }
        }
        guard decided == nil else { return false }
        // Lines 55–56.
        for later in (round + 1..<round + 20).reversed() {
            let there = committee.ids.indices.filter { (farthest[$0] ?? 0) >= later }
            if power(Set(there.map { committee.ids[$0] })) * 3 > total {
                begin(later)
                return true
            }
        }
        // Lines 22–33.
        if step == .propose {
            for proposal in proposals(round) {
                guard let verdict = judged[proposal.block] else { continue }
                let lockAllows: Bool
                if let polkaRound = proposal.polkaRound {
                    guard hasQuorum(.prevote, polkaRound, for: proposal.block) else { continue }
                    lockAllows = lockedRound == nil || lockedRound! <= polkaRound || lockedValue == proposal.block
                } else {
                    lockAllows = lockedRound == nil || lockedValue == proposal.block
                }
                let timely = verdict.timely || proposal.polkaRound != nil
                prevote(verdict.valid && timely && lockAllows ? proposal.block : nil)
                return true
            }
        }
        // Lines 34–35.
        if step == .prevote, isTwoThirds(Set(votes(.prevote, round).map(\.voter))),
            done.insert("prevote wait \(round)").inserted
        {
            timers.append(committee.timer(round, .prevote))
            return true
        }
        // Lines 36–43.
        if step != .propose {
            for proposal in proposals(round)
            where judged[proposal.block]?.valid == true && hasQuorum(.prevote, round, for: proposal.block)
                && done.insert("lock \(round)").inserted
            {
                validValue = proposal.block
                validRound = round
                if step == .prevote {
                    lockedValue = proposal.block
                    lockedRound = round
                    precommit(proposal.block)
                }
                return true
            }
        }
        // Lines 44–46.
        if step == .prevote, hasQuorum(.prevote, round, for: nil) {
            precommit(nil)
            return true
        }
        // Lines 47–48.
        if isTwoThirds(Set(votes(.precommit, round).map(\.voter))), done.insert("precommit wait \(round)").inserted {
            timers.append(committee.timer(round, .precommit))
            return true
        }
        return false
    }
}
