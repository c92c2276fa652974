import Consensus
import Keys
import Testing

/// One test for each note (N) and each choice against CometBFT (D) that the rules come with.
@Suite("Notes")
struct NoteTests {
    let four = Committee()
    let a = Committee.a
    let b = Committee.b

    func vote(_ kind: Vote.Kind, _ round: Round, _ block: Digest?, by voter: Int) -> Vote {
        four.vote(kind, round, block, by: voter).vote
    }

    @Test("N1: the order of arrival never changes what one round leads to", arguments: 0..<300 as Range<UInt64>)
    func orderFree(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var inputs = [four.proposal(0, a)]
        for voter in 0..<3 { inputs += [four.prevote(0, a, by: voter), four.precommit(0, a, by: voter)] }
        inputs.append(four.prevote(0, b, by: 3))
        inputs.shuffle(using: &dice)
        var rig = Rig(four, me: nil, started: dice.next(below: 2) == 0)
        for input in inputs { rig.feed(input) }
        rig.feed(.start)
        #expect(rig.machine.decision == HeightMachine.Lock(block: a, round: 0))
    }

    @Test("N1: messages that came before the start are looked at when it starts")
    func messagesBeforeStart() {
        var rig = Rig(four, me: 3, started: false)
        rig.feed(four.proposal(0, a), four.prevote(0, a, by: 0), four.prevote(0, a, by: 1))
        #expect(rig.signed.isEmpty)
        #expect(rig.feed(.start).votes == [vote(.prevote, 0, a, by: 3), vote(.precommit, 0, a, by: 3)])
    }

    @Test("N2: rules that fire the first time fire once a round, and again in the next")
    func firstTime() {
        var rig = Rig(four, me: 3)
        rig.feed(four.timeout(0, .propose))
        var timers = rig.feed(four.prevote(0, a, by: 0), four.prevote(0, b, by: 1), four.prevote(0, a, by: 2)).timers
        timers +=
            rig.feed(four.precommit(0, nil, by: 0), four.precommit(0, a, by: 1), four.precommit(0, b, by: 2)).timers
        #expect(timers == [four.timer(0, .prevote), four.timer(0, .precommit)])
        rig.feed(four.timeout(0, .precommit), four.timeout(1, .propose))
        let later = rig.feed(four.prevote(1, a, by: 0), four.prevote(1, nil, by: 1)).timers
        #expect(later == [four.timer(1, .prevote)])
    }

    @Test("N3: a block is asked about once, and the first answer stays")
    func validityIsCached() {
        var rig = Rig(four, me: 3)
        rig.answers = false
        #expect(rig.feed(four.proposal(0, a)).validations == [a])
        #expect(rig.feed(four.proposal(1, a)).validations.isEmpty)
        rig.feed(.validity(a, false, timely: true), .validity(a, true, timely: true))
        #expect(rig.signed == [vote(.prevote, 0, nil, by: 3)])
        rig.feed(four.timeout(0, .precommit))
        #expect(rig.signed.last == vote(.prevote, 1, nil, by: 3))
    }

    @Test("N3: an answer nobody asked for is not taken")
    func unaskedValidity() {
        var rig = Rig(four, me: 3)
        rig.answers = false
        rig.feed(.validity(a, true, timely: true))
        #expect(rig.feed(four.proposal(0, a)).validations == [a])
        #expect(rig.signed.isEmpty)
    }

    @Test("N4, N5: a quorum of precommits for a block that is invalid here halts the machine for good")
    func invalidQuorumHalts() {
        var rig = Rig(four, me: 3)
        rig.invalid = [a]
        rig.feed(four.proposal(0, a))
        rig.feed(four.precommit(0, a, by: 0), four.precommit(0, a, by: 1))
        #expect(rig.feed(four.precommit(0, a, by: 2)).halts == [.quorumForInvalid(a, round: 0)])
        #expect(rig.machine.hasHalted && rig.machine.decision == nil)
        #expect(rig.feed(four.timeout(0, .precommit), four.proposal(1, b)).isEmpty)
    }

    @Test("N4: a machine that halts says nothing else in the same step")
    func haltIsLast() {
        var rig = Rig(four, me: 3)
        rig.answers = false
        rig.feed(four.proposal(0, a))
        for voter in 0..<3 { rig.feed(four.precommit(0, a, by: voter)) }
        #expect(rig.feed(.validity(a, false, timely: true)) == [.halt(.quorumForInvalid(a, round: 0))])
    }

    @Test("a second quorum for another block after the decision halts the machine")
    func forkHalts() {
        var rig = Rig(four, me: 3)
        rig.feed(four.proposal(0, a))
        for voter in 0..<3 { rig.feed(four.precommit(0, a, by: voter)) }
        for voter in 0..<2 { #expect(rig.feed(four.precommit(1, b, by: voter)).halts.isEmpty) }
        #expect(rig.feed(four.precommit(1, b, by: 2)).halts == [.secondDecision(b, round: 1)])
    }

    @Test("N6: a node that is no validator follows and decides, but signs nothing and asks for no block")
    func follower() {
        for me in [nil, Committee.id(200)] as [ValidatorID?] {
            var machine = HeightMachine(height: 1, validators: four.set, me: me, timeouts: .wide)
            var effects = machine.step(.start)
            for input in [four.proposal(0, a), .validity(a, true, timely: true)] { effects += machine.step(input) }
            for voter in 0..<3 { effects += machine.step(four.prevote(0, a, by: voter)) }
            for voter in 0..<3 { effects += machine.step(four.precommit(0, a, by: voter)) }
            #expect(effects.votes.isEmpty && effects.proposals.isEmpty && effects.builds.isEmpty)
            #expect(effects.decisions == [a] && !machine.isMember)
        }
    }

    @Test("N7, V7: precommits that come after the decision make the commit fuller")
    func lateVotes() throws {
        var rig = Rig(four, me: nil)
        rig.feed(four.proposal(0, a))
        for voter in 0..<3 { rig.feed(four.precommit(0, a, by: voter)) }
        let before = try #require(rig.machine.commit)
        #expect(before.slots[3] == .absent)
        #expect(rig.feed(four.precommit(0, nil, by: 3)).isEmpty)
        let after = try #require(rig.machine.commit)
        #expect(after.slots[3] == .nil(four.vote(.precommit, 0, nil, by: 3).signature))
    }

    @Test("N8: the two votes of one validator in a later round count once towards the skip")
    func skipCountsHeads() {
        var rig = Rig(four, me: 3)
        rig.feed(four.prevote(1, a, by: 1), four.precommit(1, a, by: 1), four.proposal(1, a))  // 1 proposes round 1.
        #expect(rig.machine.round == 0)
        rig.feed(four.prevote(1, a, by: 0))
        #expect(rig.machine.round == 1)
    }

    @Test("N8: a skip counts power, and a third exactly is not enough")
    func skipCountsPower() {
        let committee = Committee(powers: [1, 1, 1, 3])
        var rig = Rig(committee, me: 3)
        rig.feed(committee.prevote(1, a, by: 0), committee.prevote(1, a, by: 1))  // 2 of 6.
        #expect(rig.machine.round == 0)
        rig.feed(committee.prevote(1, a, by: 2))
        #expect(rig.machine.round == 1)
    }

    @Test("N8: a skip takes the highest round that more than a third has reached or passed")
    func skipToReachedRound() {
        var rig = Rig(four, me: 3)
        rig.feed(four.prevote(9, a, by: 0))
        #expect(rig.machine.round == 0)
        rig.feed(four.prevote(7, a, by: 1))
        #expect(rig.machine.round == 7)
    }

    @Test("N9: a flood of far rounds from one validator is not kept, and no proposer is computed for it")
    func farRounds() {
        var rig = Rig(four, me: 3)
        let before = rig.machine
        for round in stride(from: Round(100), to: 100_000, by: 1000) {
            #expect(rig.feed(four.prevote(round, a, by: 0)).rejections == [.tooFarAhead(round)])
        }
        let huge = four.signedProposal(roundLimit, a, by: 0)
        #expect(rig.feed(.proposal(huge)).rejections == [.tooFarAhead(roundLimit)])
        for round in 0..<Round(200) { #expect(rig.machine.prevotes(ofRound: round) == before.prevotes(ofRound: round)) }
        #expect(rig.machine.round == 0)
    }

    @Test("N9: at most four proposals a round are kept, and one that has a quorum always")
    func proposalFlood() {
        var rig = Rig(four, me: 3)
        for number in 0..<50 as Range<UInt8> {
            rig.feed(four.proposal(0, Digest(of: [number], domain: "flood")))
        }
        #expect(rig.machine.proposals(ofRound: 0).count == 4)
        #expect(rig.feed(four.proposal(0, a)).rejections == [.tooManyProposals(0)])
        for voter in 0..<3 { rig.feed(four.precommit(0, a, by: voter)) }
        #expect(rig.feed(four.proposal(0, a)).decisions == [a])
    }

    @Test("N10: nil votes of rounds long past are dropped, votes for blocks stay and still decide")
    func oldVotes() {
        var rig = Rig(four, me: 3)
        rig.feed(four.precommit(0, a, by: 0), four.precommit(0, nil, by: 1))
        for round in 0..<Round(3) { rig.feed(four.timeout(round, .precommit)) }
        #expect(rig.machine.precommits(ofRound: 0)?.firstVotes == [four.vote(.precommit, 0, a, by: 0)])
        rig.feed(four.precommit(0, nil, by: 2))
        #expect(rig.machine.precommits(ofRound: 0)?.firstVotes.count == 1)
        rig.feed(four.proposal(0, a), four.precommit(0, a, by: 2), four.precommit(0, a, by: 3))
        #expect(rig.machine.decision == HeightMachine.Lock(block: a, round: 0))
    }

    @Test("D1: a locked validator prevotes nil for another block, not its locked one")
    func noLockedPrevote() {
        var rig = Rig(four, me: 3)
        rig.feed(four.proposal(0, a), four.prevote(0, a, by: 0), four.prevote(0, a, by: 1))
        rig.feed(four.timeout(0, .precommit))
        #expect(rig.feed(four.proposal(1, b)).votes == [vote(.prevote, 1, nil, by: 3)])
        rig.feed(four.timeout(1, .precommit))
        #expect(rig.feed(four.timeout(2, .propose)).votes == [vote(.prevote, 2, nil, by: 3)])
    }

    @Test("D2: neither a polka for nil nor one for an unknown block unlocks")
    func noUnlock() {
        var rig = Rig(four, me: 3)
        rig.feed(four.proposal(0, a), four.prevote(0, a, by: 0), four.prevote(0, a, by: 1))
        rig.feed(four.timeout(0, .precommit), four.timeout(1, .propose))
        for voter in 0..<3 { rig.feed(four.prevote(1, nil, by: voter)) }
        rig.feed(four.timeout(1, .precommit), four.timeout(2, .propose))
        for voter in 0..<3 { rig.feed(four.prevote(2, b, by: voter)) }
        #expect(rig.machine.locked == HeightMachine.Lock(block: a, round: 0))
    }

    @Test("D3: f+1 messages are enough to skip, 2f+1 are not needed")
    func skipAtOneThird() {
        let seven = Committee(powers: [1, 1, 1, 1, 1, 1, 1])
        var rig = Rig(seven, me: 6)
        for voter in 0..<2 { rig.feed(seven.prevote(1, nil, by: voter)) }
        #expect(rig.machine.round == 0)
        rig.feed(seven.prevote(1, nil, by: 2))
        #expect(rig.machine.round == 1)
    }

    @Test("D4: a polka of an earlier round that completes late moves neither lock nor valid value")
    func latePolka() {
        var rig = Rig(four, me: 3)
        rig.feed(four.proposal(0, a), four.prevote(0, a, by: 0), four.timeout(0, .precommit))
        rig.feed(four.prevote(0, a, by: 1))
        #expect(rig.machine.valid == nil && rig.machine.locked == nil)
    }

    @Test("D5: the precommit timeout casts no vote on its way to the next round")
    func noNilOnTheWay() {
        var rig = Rig(four, me: 3)
        rig.feed(four.proposal(0, a))
        #expect(rig.feed(four.timeout(0, .precommit)).votes.isEmpty)
        #expect(rig.machine.round == 1)
    }

    @Test("D6: the machine adds no pause of its own after a decision")
    func noPause() {
        var rig = Rig(four, me: 3)
        rig.feed(four.proposal(0, a))
        let effects = rig.feed(four.precommit(0, a, by: 0), four.precommit(0, a, by: 1), four.precommit(0, a, by: 2))
        #expect(effects.timers.filter { $0.step != .precommit }.isEmpty && effects.decisions == [a])
    }

    @Test("timeouts grow with the round without bound")
    func timeouts() {
        var machine = four.machine(3)
        _ = machine.step(.start)
        for round in 0..<Round(20) {
            let effects = machine.step(four.timeout(round, .precommit))
            let expected = Duration.milliseconds(3000 + 500 * Int(round + 1))
            #expect(effects.contains(.schedule(four.timer(round + 1, .propose), expected)))
        }
        let line = TimeoutSchedule.wide.propose
        #expect(line.delay(of: roundLimit) > .seconds(1_000_000_000))
    }

    @Test("G2: a stuck validator says again what it said, and why its round began")
    func rebroadcast() {
        var rig = Rig(four, me: 1)
        for voter in [0, 2, 3] { rig.feed(four.precommit(0, nil, by: voter)) }
        rig.feed(four.timeout(0, .precommit), .valueBuilt(a))
        let effects = rig.feed(four.timeout(1, .rebroadcast))
        #expect(effects.timers == [four.timer(1, .rebroadcast)])
        var kinds: [String] = []
        for message in effects.broadcasts {
            switch message {
            case .certificate(let certificate):
                kinds.append("certificate \(certificate.round) \(certificate.votes.count)")
            case .proposal(let signed): kinds.append("proposal \(signed.proposal.round)")
            case .vote(let signed): kinds.append("\(signed.vote.kind) \(signed.vote.round)")
            }
        }
        #expect(kinds == ["certificate 0 3", "proposal 1", "prevote 1"])
        #expect(rig.feed(four.timeout(0, .rebroadcast)).isEmpty)
    }

    @Test("G3: a polka certificate alone lets a validator that missed the polka follow a re-proposal")
    func polkaCertificate() throws {
        var rig = Rig(four, me: 3)
        rig.feed(four.timeout(0, .propose))
        for voter in 0..<3 { rig.feed(four.precommit(0, nil, by: voter)) }
        rig.feed(four.timeout(0, .precommit), four.proposal(1, a, polka: 0))
        #expect(rig.signed.count { $0.round == 1 } == 0)
        let polka = try #require(
            RoundCertificate(height: 1, round: 0, votes: (0..<3).map { four.vote(.prevote, 0, a, by: $0) }))
        #expect(rig.feed(.certificate(polka)).votes == [vote(.prevote, 1, a, by: 3)])
    }

    @Test("wrong height, stranger, wrong proposer, impossible polka round: refused by name, and nothing changes")
    func rejections() {
        var rig = Rig(four, me: 3)
        let before = rig.machine
        var other = four
        other.height = 2
        #expect(rig.feed(other.prevote(0, a, by: 0)).rejections == [.wrongHeight(2)])
        #expect(rig.feed(other.proposal(0, a)).rejections == [.wrongHeight(2)])
        let stranger = Committee.id(99)
        let vote = Vote(.prevote, height: 1, round: 0, block: a, voter: stranger)
        #expect(rig.feed(.vote(Committee.sign(vote))).rejections == [.stranger(stranger)])
        #expect(
            rig.feed(four.proposal(0, a, by: 2)).rejections
                == [.wrongProposer(four.ids[2], round: 0, expected: four.ids[0])])
        #expect(rig.feed(four.proposal(0, a, polka: 0)).rejections == [.polkaRoundNotBefore(0)])
        #expect(rig.machine == before)
    }
}
