import Consensus
import Keys
import Testing

@Suite("Vote accounting")
struct VoteTallyTests {
    let four = Committee()
    let a = Committee.a
    let b = Committee.b
    let c = Committee.c

    @Test("a quorum is more than two thirds of the power, not of the heads, without rounding and without overflow")
    func quorumArithmetic() {
        #expect(!Quorum.holds(2, of: 3) && Quorum.holds(3, of: 3))
        #expect(!Quorum.holds(4, of: 6) && Quorum.holds(5, of: 6))
        #expect(!Quorum.hasCorrect(1, of: 3) && Quorum.hasCorrect(2, of: 3))
        #expect(!Quorum.holds(0, of: 0))
        let third = UInt64.max / 3  // UInt64.max is a multiple of 3.
        #expect(!Quorum.holds(2 * third, of: .max) && Quorum.holds(2 * third + 1, of: .max))
        #expect(!Quorum.hasCorrect(third, of: .max) && Quorum.hasCorrect(third + 1, of: .max))
        for total in 1...60 as ClosedRange<UInt64> {
            for power in 0...total {
                #expect(Quorum.holds(power, of: total) == (Double(power) > 2 * Double(total) / 3 + 1e-9))
            }
        }
    }

    @Test("V1: a vote counts once for its block and once for all; repeating it changes nothing")
    func countOnce() {
        var tally = VoteTally(Committee(powers: [4, 1, 1]).set)
        let heavy = Committee(powers: [4, 1, 1])
        #expect(tally.count(heavy.vote(.prevote, 0, a, by: 0), from: 0) == .counted)
        #expect(tally.count(heavy.vote(.prevote, 0, a, by: 0), from: 0) == .known)
        #expect(tally.votedPower == 4 && tally.majority == nil)  // 4 of 6 is exactly two thirds.
        #expect(tally.count(heavy.vote(.prevote, 0, a, by: 1), from: 1) == .counted)
        #expect(tally.majority == .of(a) && tally.isComplete)
    }

    @Test("V2: the first quorum wins and is never replaced")
    func firstQuorumWins() {
        var tally = VoteTally(four.set)
        for voter in 0..<3 { _ = tally.count(four.vote(.prevote, 0, a, by: voter), from: voter) }
        tally.adopt(
            [
                0: four.vote(.prevote, 0, b, by: 0), 1: four.vote(.prevote, 0, b, by: 1),
                2: four.vote(.prevote, 0, b, by: 2), 3: four.vote(.prevote, 0, b, by: 3),
            ], for: b)
        #expect(tally.majority == .of(a))
    }

    @Test("V3: a contradicting vote is evidence, once, and is not counted")
    func conflict() throws {
        var rig = Rig(four, me: 3)
        rig.feed(four.prevote(0, a, by: 0))
        let effects = rig.feed(four.prevote(0, b, by: 0))
        #expect(
            effects.evidence == [
                try #require(Evidence(four.vote(.prevote, 0, a, by: 0), four.vote(.prevote, 0, b, by: 0)))
            ])
        #expect(rig.feed(four.prevote(0, c, by: 0), four.prevote(0, nil, by: 0)).isEmpty)
        #expect(rig.machine.prevotes(ofRound: 0)?.votedPower == 1)
        #expect(rig.machine.prevotes(ofRound: 0)?.votes(for: b) == [])
        // The other kind of vote, or another round, is no contradiction.
        #expect(rig.feed(four.precommit(0, b, by: 0), four.prevote(1, b, by: 0)).evidence.isEmpty)
    }

    @Test("V4: a liar's first vote cannot hide a quorum that a certificate proves")
    func claimedQuorum() throws {
        var rig = Rig(four, me: 3)
        rig.feed(four.proposal(0, a), four.precommit(0, b, by: 0))
        rig.feed(four.precommit(0, a, by: 1), four.precommit(0, a, by: 2))
        #expect(rig.machine.decision == nil)
        let votes = (0..<3).map { four.vote(.precommit, 0, a, by: $0) }
        let effects = rig.feed(.certificate(try #require(RoundCertificate(height: 1, round: 0, votes: votes))))
        #expect(effects.decisions == [a] && effects.evidence.count == 1)
        let commit = try #require(rig.machine.commit)
        #expect(commit.signers(in: four.set).count == 3)
    }

    @Test("V4: a certificate without a quorum makes no contradiction count")
    func claimWithoutQuorum() throws {
        var rig = Rig(four, me: 3)
        rig.feed(four.proposal(0, a), four.precommit(0, b, by: 0), four.precommit(0, a, by: 1))
        let votes = (0..<2).map { four.vote(.precommit, 0, a, by: $0) }
        rig.feed(.certificate(try #require(RoundCertificate(height: 1, round: 0, votes: votes))))
        rig.feed(four.precommit(0, a, by: 2))
        #expect(rig.machine.decision == nil)
    }

    @Test("V5: the same vote with another signature is no evidence and counts once")
    func secondSignature() {
        var rig = Rig(four, me: 3)
        let first = four.vote(.prevote, 0, a, by: 0)
        let again = SignedVote(first.vote, signature: Signature(bytes: [UInt8](repeating: 7, count: 64))!)
        rig.feed(.vote(first))
        #expect(rig.feed(.vote(again)).isEmpty)
        #expect(rig.machine.prevotes(ofRound: 0)?.votes(for: a) == [first])
    }

    @Test("V6: a contradicting vote with the own key is reported as abuse, never as evidence")
    func ownKey() {
        var rig = Rig(four, me: 3)
        rig.feed(four.proposal(0, a))
        let effects = rig.feed(four.prevote(0, b, by: 3))
        #expect(effects == [.ownKeyAbused(four.vote(.prevote, 0, b, by: 3))])
    }

    @Test("V8: votes are counted by the set's own order and powers, whatever index a sender has in mind")
    func setOrder() throws {
        let uneven = Committee(powers: [1, 5, 2, 2])
        #expect(uneven.set.validators.map(\.power) == [5, 2, 2, 1])
        #expect(uneven.set.index(of: uneven.ids[1]) == 0)
        #expect(uneven.set.index(of: uneven.ids[0]) == 3)
        var rig = Rig(uneven, me: 0)
        rig.feed(uneven.proposal(0, a), uneven.precommit(0, a, by: 1))
        #expect(rig.machine.decision == nil)
        rig.feed(uneven.precommit(0, a, by: 3))
        let commit = try #require(rig.machine.commit)
        #expect(commit.signers(in: uneven.set) == [uneven.ids[1], uneven.ids[3]])
    }

    @Test("E14: two proposals in one round are reported, and both can still be followed")
    func conflictingProposals() {
        var rig = Rig(four, me: 3)
        rig.feed(four.proposal(0, a))
        let effects = rig.feed(four.proposal(0, b))
        #expect(
            effects.contains(.conflictingProposals(four.signedProposal(0, a), four.signedProposal(0, b))))
        #expect(rig.signed == [four.vote(.prevote, 0, a, by: 3).vote])
        for voter in 0..<3 { rig.feed(four.precommit(0, b, by: voter)) }
        #expect(rig.machine.decision == HeightMachine.Lock(block: b, round: 0))
    }
}
