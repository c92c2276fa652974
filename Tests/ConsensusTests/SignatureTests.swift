import Consensus
import Keys
import Testing
import Wire

/// Validators with real keys.
struct SignedCommittee {
    let chain = ChainID("test")!
    let keys: [SigningKey]
    let ids: [ValidatorID]
    let set: ValidatorSet

    init(_ powers: [UInt64]) {
        keys = powers.indices.map { SigningKey(seed: [UInt8](repeating: UInt8($0 + 1), count: 32))! }
        ids = powers.indices.map(Committee.id)
        set = try! ValidatorSet(
            powers.indices.map { [ids, keys] in
                ValidatorChange(id: ids[$0], key: keys[$0].publicKey, power: powers[$0])
            })
    }

    func sign(_ vote: Vote, by index: Int? = nil, chain: ChainID? = nil, for purpose: Purpose = .vote) -> SignedVote {
        let signer = index ?? ids.firstIndex(of: vote.voter)!
        return SignedVote(vote, signature: keys[signer].sign(vote.signBytes(chain: chain ?? self.chain), for: purpose))
    }

    func vote(_ kind: Vote.Kind, _ block: Digest?, by voter: Int, height: Height = 5, round: Round = 2) -> SignedVote {
        sign(Vote(kind, height: height, round: round, block: block, voter: ids[voter]))
    }

    /// A commit of `a` at height 5, round 2, in which each validator did what is said: true for, false nil, nil absent.
    func commit(_ acts: [Bool?]) -> Commit {
        let slots: [Commit.Slot] = set.validators.map { validator in
            let index = ids.firstIndex(of: validator.id)!
            return switch acts[index] {
            case true?: .commit(vote(.precommit, Committee.a, by: index).signature)
            case false?: .nil(vote(.precommit, nil, by: index).signature)
            case nil: .absent
            }
        }
        return Commit(height: 5, round: 2, block: Committee.a, slots: slots)
    }
}

@Suite("Signatures")
struct SignatureTests {
    let four = SignedCommittee([1, 1, 1, 1])
    let a = Committee.a
    let b = Committee.b

    @Test("S1: the signed bytes are the documented layout, field by field")
    func layout() {
        let vote = Vote(.precommit, height: 5, round: 2, block: a, voter: four.ids[0])
        let expected: [UInt8] =
            [2, 4] + Array("test".utf8) + [0, 0, 0, 0, 0, 0, 0, 5] + [0, 0, 0, 2] + [1] + a.bytes
            + four.ids[0].key.bytes
        #expect(vote.signBytes(chain: four.chain) == expected)
        let proposal = Proposal(height: 5, round: 2, polkaRound: nil, block: a, proposer: four.ids[0])
        let bytes: [UInt8] =
            [32, 4] + Array("test".utf8) + [0, 0, 0, 0, 0, 0, 0, 5] + [0, 0, 0, 2] + [255, 255, 255, 255] + [1]
            + a.bytes + four.ids[0].key.bytes
        #expect(proposal.signBytes(chain: four.chain) == bytes)
    }

    @Test("S1, S2: a changed chain, kind, height, round, block, voter or purpose breaks the signature")
    func everyFieldIsSigned() {
        let vote = Vote(.prevote, height: 5, round: 2, block: a, voter: four.ids[0])
        let signed = four.sign(vote)
        #expect(signed.verifies(in: four.set, chain: four.chain))
        #expect(!signed.verifies(in: four.set, chain: ChainID("tesu")!))
        let changed = [
            Vote(.precommit, height: 5, round: 2, block: a, voter: four.ids[0]),
            Vote(.prevote, height: 6, round: 2, block: a, voter: four.ids[0]),
            Vote(.prevote, height: 5, round: 3, block: a, voter: four.ids[0]),
            Vote(.prevote, height: 5, round: 2, block: b, voter: four.ids[0]),
            Vote(.prevote, height: 5, round: 2, block: nil, voter: four.ids[0]),
            Vote(.prevote, height: 5, round: 2, block: a, voter: four.ids[1]),
        ]
        for vote in changed {
            #expect(!SignedVote(vote, signature: signed.signature).verifies(in: four.set, chain: four.chain))
        }
        #expect(!four.sign(vote, for: .proposal).verifies(in: four.set, chain: four.chain))
        #expect(!four.sign(vote, by: 1).verifies(in: four.set, chain: four.chain))
        let stranger = Vote(.prevote, height: 5, round: 2, block: a, voter: Committee.id(77))
        #expect(!four.sign(stranger, by: 0).verifies(in: four.set, chain: four.chain))
    }

    @Test("S2: a proposal's signature covers chain, round, polka round, block and proposer")
    func proposalFields() {
        let proposal = Proposal(height: 5, round: 2, polkaRound: 1, block: a, proposer: four.ids[2])
        let signature = four.keys[2].sign(proposal.signBytes(chain: four.chain), for: .proposal)
        #expect(SignedProposal(proposal, signature: signature).verifies(in: four.set, chain: four.chain))
        #expect(!SignedProposal(proposal, signature: signature).verifies(in: four.set, chain: ChainID("x")!))
        for changed in [
            Proposal(height: 4, round: 2, polkaRound: 1, block: a, proposer: four.ids[2]),
            Proposal(height: 5, round: 3, polkaRound: 1, block: a, proposer: four.ids[2]),
            Proposal(height: 5, round: 2, polkaRound: 0, block: a, proposer: four.ids[2]),
            Proposal(height: 5, round: 2, polkaRound: nil, block: a, proposer: four.ids[2]),
            Proposal(height: 5, round: 2, polkaRound: 1, block: b, proposer: four.ids[2]),
            Proposal(height: 5, round: 2, polkaRound: 1, block: a, proposer: four.ids[1]),
        ] {
            #expect(!SignedProposal(changed, signature: signature).verifies(in: four.set, chain: four.chain))
        }
    }

    @Test("S3: a vote for nil signs no block bytes, and no block's bytes look like it")
    func nilVote() {
        let vote = Vote(.prevote, height: 5, round: 2, block: nil, voter: four.ids[0])
        let zero = Vote(.prevote, height: 5, round: 2, block: .zero, voter: four.ids[0])
        #expect(vote.signBytes(chain: four.chain).count + 32 == zero.signBytes(chain: four.chain).count)
    }

    @Test("a chain name has 1 to 50 bytes of UTF-8, and its bytes decide")
    func chainNames() {
        #expect(ChainID("") == nil && ChainID(String(repeating: "x", count: 51)) == nil)
        #expect(ChainID(String(repeating: "é", count: 25)) != nil && ChainID(String(repeating: "é", count: 26)) == nil)
        #expect(ChainID("é") != ChainID("e\u{301}"))
    }

    @Test("C1: a full commit is accepted; every single wrong thing about it is refused")
    func fullCommit() throws {
        let good = four.commit([true, true, true, nil])
        try good.verify(block: a, height: 5, set: four.set, chain: four.chain)
        try four.commit([true, true, true, false]).verify(block: a, height: 5, set: four.set, chain: four.chain)
        #expect(throws: Commit.Problem.notEnoughPower(2, of: 4)) {
            try four.commit([true, true, false, false]).verify(block: a, height: 5, set: four.set, chain: four.chain)
        }
        #expect(throws: Commit.Problem.wrongHeight(5, expected: 6)) {
            try good.verify(block: a, height: 6, set: four.set, chain: four.chain)
        }
        #expect(throws: Commit.Problem.wrongBlock(a, expected: b)) {
            try good.verify(block: b, height: 5, set: four.set, chain: four.chain)
        }
        #expect(throws: Commit.Problem.badSignature(four.ids[0])) {
            try good.verify(block: a, height: 5, set: four.set, chain: ChainID("other")!)
        }
        let short = Commit(height: 5, round: 2, block: a, slots: Array(good.slots.dropLast()))
        #expect(throws: Commit.Problem.wrongSlotCount(3, expected: 4)) {
            try short.verify(block: a, height: 5, set: four.set, chain: four.chain)
        }
        let swapped = Commit(
            height: 5, round: 2, block: a, slots: [good.slots[1], good.slots[0], good.slots[2], good.slots[3]])
        #expect(throws: Commit.Problem.badSignature(four.ids[0])) {
            try swapped.verify(block: a, height: 5, set: four.set, chain: four.chain)
        }
        let otherRound = Commit(height: 5, round: 3, block: a, slots: good.slots)
        #expect(throws: Commit.Problem.badSignature(four.ids[0])) {
            try otherRound.verify(block: a, height: 5, set: four.set, chain: four.chain)
        }
    }

    @Test("C1, C2: a bad nil signature fails the full check and does not matter to the light one")
    func lightCommit() throws {
        var slots = four.commit([true, true, true, false]).slots
        slots[3] = .nil(Signature(bytes: [UInt8](repeating: 1, count: 64))!)
        let commit = Commit(height: 5, round: 2, block: a, slots: slots)
        try commit.verifyLight(block: a, height: 5, set: four.set, chain: four.chain)
        #expect(throws: Commit.Problem.badSignature(four.ids[3])) {
            try commit.verify(block: a, height: 5, set: four.set, chain: four.chain)
        }
        #expect(throws: Commit.Problem.notEnoughPower(2, of: 4)) {
            try four.commit([true, true, nil, nil]).verifyLight(block: a, height: 5, set: four.set, chain: four.chain)
        }
    }

    @Test("C3: more than the level of an earlier set must have signed; strangers and nil votes do not help")
    func trustingCommit() throws {
        let set = four.set
        let trusted = try ValidatorSet([
            ValidatorChange(id: four.ids[0], key: four.keys[0].publicKey, power: 1),
            ValidatorChange(id: four.ids[1], key: four.keys[1].publicKey, power: 1),
            ValidatorChange(id: Committee.id(50), key: four.keys[3].publicKey, power: 1),
        ])
        let commit = four.commit([true, true, true, true])
        try commit.verifyTrusting(trusted: trusted, set: set, chain: four.chain)
        #expect(throws: Commit.Problem.notEnoughPower(1, of: 3)) {
            try four.commit([true, false, true, true]).verifyTrusting(trusted: trusted, set: set, chain: four.chain)
        }
        #expect(throws: Commit.Problem.notEnoughPower(2, of: 3)) {
            try commit.verifyTrusting(trusted: trusted, level: TrustLevel(2, of: 3)!, set: set, chain: four.chain)
        }
        // The trusted key counts: the new set may have replaced it.
        let other = try ValidatorSet([
            ValidatorChange(id: four.ids[0], key: four.keys[1].publicKey, power: 1)
        ])
        #expect(throws: Commit.Problem.badSignature(four.ids[0])) {
            try commit.verifyTrusting(trusted: other, set: set, chain: four.chain)
        }
        #expect(TrustLevel(1, of: 4) == nil && TrustLevel(4, of: 3) == nil && TrustLevel(1, of: 0) == nil)
    }

    @Test("C4: a commit says who signed for the block, in the order of the set")
    func signers() {
        #expect(four.commit([true, false, nil, true]).signers(in: four.set) == [four.ids[0], four.ids[3]])
    }

    @Test("E1: evidence needs one validator, one step, two blocks and two good signatures")
    func evidence() throws {
        let one = four.vote(.prevote, a, by: 1)
        let other = four.vote(.prevote, b, by: 1)
        let good = try #require(Evidence(one, other))
        try good.verify(set: four.set, chain: four.chain)
        #expect(good.offender == four.ids[1] && good.height == 5)
        #expect(Evidence(one, one) == nil)
        #expect(Evidence(one, four.vote(.prevote, b, by: 2)) == nil)
        #expect(Evidence(one, four.vote(.precommit, b, by: 1)) == nil)
        #expect(Evidence(one, four.vote(.prevote, b, by: 1, height: 6)) == nil)
        #expect(Evidence(one, four.vote(.prevote, b, by: 1, round: 3)) == nil)
        try #require(Evidence(one, four.vote(.prevote, nil, by: 1))).verify(set: four.set, chain: four.chain)
        #expect(throws: Evidence.Problem.badSignature(four.ids[1])) {
            try good.verify(set: four.set, chain: ChainID("other")!)
        }
        let forged = try #require(Evidence(one, four.sign(other.vote, by: 0)))
        #expect(throws: Evidence.Problem.badSignature(four.ids[1])) {
            try forged.verify(set: four.set, chain: four.chain)
        }
        let without = try four.set.next(
            changes: [ValidatorChange(id: four.ids[1], key: four.keys[1].publicKey, power: 0)])
        #expect(throws: Evidence.Problem.stranger(four.ids[1])) { try good.verify(set: without, chain: four.chain) }
    }

    @Test("E2: one pair of votes is one evidence, whichever came first")
    func evidenceOrder() throws {
        let votes = [a, b, nil].map { four.vote(.precommit, $0, by: 0) }
        for one in votes {
            for other in votes where one != other {
                let forward = try #require(Evidence(one, other))
                let backward = try #require(Evidence(other, one))
                #expect(forward == backward && forward.id == backward.id)
                if let block = forward.first.vote.block { #expect(block < forward.second.vote.block!) }
            }
        }
    }

    @Test("certificates: every signature counts; a repeated voter or another round is no certificate")
    func certificate() throws {
        let votes = (0..<3).map { four.vote(.prevote, a, by: $0) }
        let good = try #require(RoundCertificate(height: 5, round: 2, votes: votes.reversed()))
        #expect(good.votes == votes && good.verifies(in: four.set, chain: four.chain))
        #expect(!good.verifies(in: four.set, chain: ChainID("other")!))
        #expect(RoundCertificate(height: 5, round: 2, votes: votes + [four.vote(.prevote, b, by: 0)]) == nil)
        #expect(RoundCertificate(height: 5, round: 3, votes: votes) == nil)
        let forged = four.sign(votes[0].vote, by: 3)
        let bad = try #require(RoundCertificate(height: 5, round: 2, votes: [forged] + votes.dropFirst()))
        #expect(!bad.verifies(in: four.set, chain: four.chain))
    }
}
