import Consensus
import Keys
import Testing

/// One test for each rule of Algorithm 1; the names are those of `HeightMachine+Rules.swift`.
@Suite("Rules")
struct RuleTests {
    let four = Committee()
    let a = Committee.a
    let b = Committee.b
    let c = Committee.c

    func vote(_ kind: Vote.Kind, _ round: Round, _ block: Digest?, by voter: Int) -> Vote {
        four.vote(kind, round, block, by: voter).vote
    }

    @Test("T-start: a height starts in round 0, once")
    func start() {
        var machine = four.machine(1)
        #expect(
            machine.step(.start) == [
                .schedule(four.timer(0, .propose), .seconds(3)), .schedule(four.timer(0, .rebroadcast), .seconds(5)),
            ])
        #expect(machine.step(.start) == [])
        #expect(machine.round == 0 && machine.step == .propose)
    }

    @Test("T-round: a new round keeps the lock and the valid value")
    func newRoundKeepsLock() {
        var rig = locked(on: a, by: 3)
        let effects = rig.feed(four.timeout(0, .precommit))
        #expect(rig.machine.round == 1 && rig.machine.step == .propose)
        #expect(effects.timers.contains(four.timer(1, .propose)))
        #expect(rig.machine.locked == HeightMachine.Lock(block: a, round: 0))
        #expect(rig.machine.valid == HeightMachine.Lock(block: a, round: 0))
    }

    @Test("T-prop: the proposer builds a value and proposes it without a polka round")
    func proposeFresh() {
        var rig = Rig(four, me: 0, started: false)
        #expect(rig.feed(.start).builds == [0])
        let effects = rig.feed(.valueBuilt(a))
        #expect(
            effects.proposals == [
                Proposal(height: 1, round: 0, polkaRound: nil, block: a, proposer: four.ids[0])
            ])
        #expect(effects.votes == [vote(.prevote, 0, a, by: 0)])
    }

    @Test("T-prop: a proposer with a valid value proposes that one with its round, and sends the polka along")
    func proposeValid() {
        var rig = locked(on: a, by: 1)
        let effects = rig.feed(four.timeout(0, .precommit))
        #expect(effects.builds.isEmpty)
        #expect(
            effects.proposals == [Proposal(height: 1, round: 1, polkaRound: 0, block: a, proposer: four.ids[1])])
        guard case .certificate(let polka)? = effects.broadcasts.first else {
            Issue.record("no polka certificate")
            return
        }
        #expect(polka.round == 0 && polka.votes.count == 4)
        #expect(polka.votes.allSatisfy { $0.vote.kind == .prevote && $0.vote.block == a })
    }

    @Test("T-prop: a value that is built after the propose step is over is not proposed")
    func lateValue() {
        var rig = Rig(four, me: 0)
        rig.feed(four.timeout(0, .propose))
        #expect(rig.feed(.valueBuilt(a)) == [])
    }

    @Test("T-prop-to: everyone schedules the propose timer, the proposer too")
    func proposeTimer() {
        for me in [0, 2] {
            var machine = four.machine(me)
            #expect(machine.step(.start).timers.contains(four.timer(0, .propose)))
        }
    }

    @Test("T-prevote-new: a valid, timely proposal of the right proposer gets a prevote")
    func prevoteNew() {
        var rig = Rig(four, me: 2)
        #expect(rig.feed(four.proposal(0, a)).votes == [vote(.prevote, 0, a, by: 2)])
        #expect(rig.machine.step == .prevote)
    }

    @Test("T-prevote-new: an invalid, or an untimely, proposal gets a prevote for nil")
    func prevoteNewBad() {
        var rig = Rig(four, me: 2)
        rig.invalid = [a]
        #expect(rig.feed(four.proposal(0, a)).votes == [vote(.prevote, 0, nil, by: 2)])
        rig = Rig(four, me: 2)
        rig.untimely = [a]
        #expect(rig.feed(four.proposal(0, a)).votes == [vote(.prevote, 0, nil, by: 2)])
    }

    @Test("T-prevote-new: nothing is voted before the block is judged")
    func prevoteWaitsForValidity() {
        var rig = Rig(four, me: 2)
        rig.answers = false
        let effects = rig.feed(four.proposal(0, a))
        #expect(effects.validations == [a] && effects.votes.isEmpty)
        #expect(rig.feed(.validity(a, true, timely: true)).votes == [vote(.prevote, 0, a, by: 2)])
    }

    @Test("T-prevote-new: a locked validator prevotes its own block again, and nil for any other")
    func prevoteNewLocked() {
        var rig = locked(on: a, by: 3)
        rig.feed(four.timeout(0, .precommit))
        var twin = rig
        #expect(rig.feed(four.proposal(1, b)).votes == [vote(.prevote, 1, nil, by: 3)])
        #expect(twin.feed(four.proposal(1, a)).votes == [vote(.prevote, 1, a, by: 3)])
    }

    @Test("T-prevote-old: a re-proposal waits for its polka, then gets a prevote also against an older lock")
    func prevoteOld() {
        var rig = locked(on: a, by: 3)
        rig.feed(four.timeout(0, .precommit))
        // Round 1: the others made a polka for b that this validator saw only in part, and it stays locked on a.
        rig.feed(four.timeout(1, .propose), four.prevote(1, b, by: 0), four.prevote(1, b, by: 1))
        rig.feed(four.precommit(1, nil, by: 0), four.precommit(1, nil, by: 1), four.precommit(1, nil, by: 2))
        rig.feed(four.timeout(1, .precommit))
        #expect(rig.machine.round == 2)
        #expect(rig.feed(four.proposal(2, b, polka: 1)).votes.isEmpty)
        #expect(rig.feed(four.prevote(1, b, by: 2)).votes == [vote(.prevote, 2, b, by: 3)])
        #expect(rig.machine.locked == HeightMachine.Lock(block: a, round: 0))
    }

    @Test("T-prevote-old: a polka older than the lock does not move it")
    func prevoteOldOlderThanLock() {
        var rig = Rig(four, me: 3)
        // A polka for b in round 0 that came without its proposal, then a lock on a in round 1.
        for voter in 0..<3 { rig.feed(four.prevote(0, b, by: voter)) }
        rig.feed(four.timeout(0, .propose), four.timeout(0, .prevote))
        for voter in 0..<3 { rig.feed(four.precommit(0, nil, by: voter)) }
        rig.feed(four.timeout(0, .precommit), four.proposal(1, a))
        for voter in 0..<3 { rig.feed(four.prevote(1, a, by: voter)) }
        #expect(rig.machine.locked == HeightMachine.Lock(block: a, round: 1))
        for voter in 0..<3 { rig.feed(four.precommit(1, nil, by: voter)) }
        rig.feed(four.timeout(1, .precommit))
        #expect(rig.feed(four.proposal(2, b, polka: 0)).votes == [vote(.prevote, 2, nil, by: 3)])
    }

    @Test("T-prevote-old: whether the date is timely no longer matters, whether the block is valid does")
    func prevoteOldIgnoresTime() {
        for (isInvalid, expected) in [(false, a as Digest?), (true, nil)] {
            var rig = Rig(four, me: 3)
            rig.untimely = [a]
            if isInvalid { rig.invalid = [a] }
            for voter in 0..<3 { rig.feed(four.prevote(0, a, by: voter)) }
            rig.feed(four.timeout(0, .propose))
            for voter in 0..<3 { rig.feed(four.precommit(0, nil, by: voter)) }
            rig.feed(four.timeout(0, .precommit))
            #expect(rig.feed(four.proposal(1, a, polka: 0)).votes == [vote(.prevote, 1, expected, by: 3)])
        }
    }

    @Test("T-pv-wait: a mix of more than two thirds of prevotes starts the prevote timer once, in step prevote only")
    func prevoteWait() {
        var rig = Rig(four, me: 3)
        #expect(
            !rig.feed(four.prevote(0, a, by: 0), four.prevote(0, b, by: 1)).timers.contains(four.timer(0, .prevote)))
        #expect(!rig.feed(four.prevote(0, nil, by: 2)).timers.contains(four.timer(0, .prevote)))  // Still in propose.
        #expect(rig.feed(four.timeout(0, .propose)).timers.filter { $0.step == .prevote } == [four.timer(0, .prevote)])
        #expect(rig.feed(four.proposal(0, a)).timers.isEmpty)
    }

    @Test("T-lock: a polka for a valid proposal locks it and precommits it")
    func lock() {
        var rig = Rig(four, me: 3)
        rig.feed(four.proposal(0, a), four.prevote(0, a, by: 0))
        #expect(rig.machine.locked == nil)
        #expect(rig.feed(four.prevote(0, a, by: 1)).votes == [vote(.precommit, 0, a, by: 3)])
        #expect(rig.machine.locked == HeightMachine.Lock(block: a, round: 0))
        #expect(rig.machine.valid == rig.machine.locked && rig.machine.step == .precommit)
    }

    @Test("T-lock: after the precommit only the valid value moves")
    func lockTooLate() {
        var rig = Rig(four, me: 3)
        rig.feed(four.proposal(0, a), four.prevote(0, nil, by: 0), four.prevote(0, a, by: 1))
        #expect(rig.feed(four.timeout(0, .prevote)).votes == [vote(.precommit, 0, nil, by: 3)])
        #expect(rig.feed(four.prevote(0, a, by: 2)).votes.isEmpty)
        #expect(rig.machine.locked == nil)
        #expect(rig.machine.valid == HeightMachine.Lock(block: a, round: 0))
    }

    @Test("T-lock: the polka may come before the proposal")
    func lockPolkaFirst() {
        var rig = Rig(four, me: 3)
        for voter in 0..<3 { rig.feed(four.prevote(0, a, by: voter)) }
        #expect(rig.machine.locked == nil)
        #expect(rig.feed(four.proposal(0, a)).votes == [vote(.prevote, 0, a, by: 3), vote(.precommit, 0, a, by: 3)])
    }

    @Test("T-lock: a polka for an invalid block locks nothing")
    func lockInvalid() {
        var rig = Rig(four, me: 3)
        rig.invalid = [a]
        rig.feed(four.proposal(0, a))
        for voter in 0..<3 { rig.feed(four.prevote(0, a, by: voter)) }
        #expect(rig.machine.locked == nil && rig.machine.valid == nil && rig.machine.step == .prevote)
    }

    @Test("T-pc-nil: a polka for nil precommits nil and leaves a lock alone")
    func precommitNil() {
        var rig = locked(on: a, by: 3)
        rig.feed(four.timeout(0, .precommit), four.proposal(1, b))
        rig.feed(four.prevote(1, nil, by: 0))
        #expect(rig.feed(four.prevote(1, nil, by: 1)).votes == [vote(.precommit, 1, nil, by: 3)])
        #expect(rig.machine.locked == HeightMachine.Lock(block: a, round: 0))
    }

    @Test("T-pc-wait: more than two thirds of precommits start the precommit timer once, in any step")
    func precommitWait() {
        var rig = Rig(four, me: 3)
        #expect(rig.machine.step == .propose)
        rig.feed(four.precommit(0, a, by: 0), four.precommit(0, nil, by: 1))
        #expect(rig.feed(four.precommit(0, b, by: 2)).timers == [four.timer(0, .precommit)])
        #expect(rig.feed(four.timeout(0, .propose)).timers.isEmpty)
    }

    @Test("T-decide: a proposal and more than two thirds of precommits decide, with a commit that says who signed")
    func decide() throws {
        var rig = Rig(four, me: 3)
        rig.feed(four.proposal(0, a), four.precommit(0, a, by: 0), four.precommit(0, a, by: 1))
        let effects = rig.feed(four.precommit(0, a, by: 2))
        #expect(effects.decisions == [a])
        let commit = try #require(rig.machine.commit)
        #expect(commit.signers(in: four.set) == Array(four.ids[0...2]))
        #expect(commit.slots[3] == .absent)
    }

    @Test("T-decide: precommits and proposal of an older round decide too, whatever the step and round")
    func decideOldRound() {
        var rig = Rig(four, me: 3)
        rig.feed(four.proposal(0, a), four.precommit(0, a, by: 0), four.precommit(0, a, by: 1))
        rig.feed(four.precommit(0, nil, by: 3), four.timeout(0, .precommit), four.timeout(1, .propose))
        #expect(rig.machine.round == 1)
        #expect(rig.feed(four.precommit(0, a, by: 2)).decisions == [a])
        #expect(rig.machine.decision == HeightMachine.Lock(block: a, round: 0))
    }

    @Test("T-decide: the proposal may come last; precommits of two rounds are never added up")
    func decideProposalLast() {
        var rig = Rig(four, me: 3)
        rig.feed(four.precommit(0, a, by: 0), four.precommit(0, a, by: 1), four.precommit(1, a, by: 2))
        #expect(rig.feed(four.proposal(0, a)).decisions.isEmpty)
        rig = Rig(four, me: 3)
        for voter in 0..<3 { rig.feed(four.precommit(0, a, by: voter)) }
        #expect(rig.machine.decision == nil)
        #expect(rig.feed(four.proposal(0, a)).decisions == [a])
    }

    @Test("T-skip: more than a third of the power in a later round takes us there")
    func skip() {
        var rig = Rig(four, me: 3)
        rig.feed(four.prevote(2, a, by: 0))
        #expect(rig.machine.round == 0)  // 1 of 4 is less than a third.
        #expect(rig.feed(four.precommit(2, nil, by: 1)).timers.contains(four.timer(2, .propose)))
        #expect(rig.machine.round == 2)
    }

    @Test("T-to-propose: prevote nil when the step is still propose, of this round")
    func proposeTimeout() {
        var rig = Rig(four, me: 3)
        #expect(rig.feed(four.timeout(1, .propose)).isEmpty)
        #expect(rig.feed(four.timeout(0, .propose)).votes == [vote(.prevote, 0, nil, by: 3)])
        #expect(rig.feed(four.timeout(0, .propose)).isEmpty)
    }

    @Test("T-to-prevote: precommit nil when the step is still prevote, of this round")
    func prevoteTimeout() {
        var rig = Rig(four, me: 3)
        #expect(rig.feed(four.timeout(0, .prevote)).isEmpty)
        rig.feed(four.proposal(0, a))
        #expect(rig.feed(four.timeout(0, .prevote)).votes == [vote(.precommit, 0, nil, by: 3)])
        #expect(rig.feed(four.timeout(0, .prevote)).isEmpty)
    }

    @Test("T-to-precommit: the next round, from any step, with no vote on the way")
    func precommitTimeout() {
        var rig = Rig(four, me: 3)
        let effects = rig.feed(four.timeout(0, .precommit))
        #expect(rig.machine.round == 1 && effects.votes.isEmpty)
        #expect(rig.feed(four.timeout(0, .precommit)).isEmpty)
    }

    private func locked(on block: Digest, by me: Int) -> Rig {
        var rig = Rig(four, me: me)
        rig.feed(four.proposal(0, block))
        for voter in 0..<4 where voter != me { rig.feed(four.prevote(0, block, by: voter)) }
        #expect(rig.machine.locked == HeightMachine.Lock(block: block, round: 0))
        return rig
    }
}
