import Consensus
import Keys
import Testing
import Wire

@Suite("What a signer remembers")
struct SignerStateTests {
    let four = SignedCommittee([1, 1, 1, 1])
    let a = Committee.a
    let b = Committee.b

    func request(_ kind: Vote.Kind, _ height: Height, _ round: Round, _ block: Digest?) -> SignerState.Request {
        SignerState.Request(
            Vote(kind, height: height, round: round, block: block, voter: four.ids[0]), chain: four.chain)
    }

    func proposal(_ height: Height, _ round: Round, _ block: Digest, polka: Round? = nil) -> SignerState.Request {
        SignerState.Request(
            Proposal(height: height, round: round, polkaRound: polka, block: block, proposer: four.ids[0]),
            chain: four.chain)
    }

    func signature(_ request: SignerState.Request) -> Signature {
        four.keys[0].sign(request.bytes, for: request.purpose)
    }

    @Test("K1: nothing before the last height, round and step is signed")
    func regression() {
        var state = SignerState()
        let last = request(.prevote, 5, 2, a)
        state.record(last, signature: signature(last))
        for early in [
            request(.precommit, 4, 9, a), request(.precommit, 5, 1, a), proposal(5, 2, a), request(.prevote, 5, 0, nil),
        ] {
            #expect(state.decide(early) == .refuse(.regression))
        }
    }

    @Test("K2: the same bytes get the stored signature, other bytes in the same step are refused")
    func conflict() {
        var state = SignerState()
        let last = request(.prevote, 5, 2, a)
        #expect(state.decide(last) == .sign)
        state.record(last, signature: signature(last))
        #expect(state.decide(last) == .reuse(signature(last)))
        #expect(state.decide(request(.prevote, 5, 2, b)) == .refuse(.conflict))
    }

    @Test("K3: later steps, rounds and heights are signed")
    func progress() {
        var state = SignerState()
        let steps = [
            proposal(5, 2, a), request(.prevote, 5, 2, a), request(.precommit, 5, 2, a), proposal(5, 3, a, polka: 2),
            request(.prevote, 5, 3, nil), request(.prevote, 6, 0, b),
        ]
        for step in steps {
            #expect(state.decide(step) == .sign)
            state.record(step, signature: signature(step))
        }
    }

    @Test("K4: nil and a block contradict each other in one step")
    func nilConflicts() {
        var state = SignerState()
        let last = request(.precommit, 5, 2, nil)
        state.record(last, signature: signature(last))
        #expect(state.decide(request(.precommit, 5, 2, a)) == .refuse(.conflict))
    }

    @Test("a proposal with another polka round contradicts the first")
    func proposalConflicts() {
        var state = SignerState()
        let last = proposal(5, 2, a)
        state.record(last, signature: signature(last))
        #expect(state.decide(proposal(5, 2, a, polka: 1)) == .refuse(.conflict))
    }

    @Test("K6: a commit with a vote of this key that the state does not know is found at start-up")
    func unknownSignature() {
        let commit = four.commit([true, false, nil, true])  // Height 5, round 2.
        var state = SignerState()
        #expect(state.isBehind(commit, set: four.set, validator: four.ids[0]))
        #expect(!state.isBehind(commit, set: four.set, validator: four.ids[2]))
        #expect(!state.isBehind(commit, set: four.set, validator: Committee.id(90)))
        let known = request(.precommit, 5, 2, a)
        state.record(known, signature: signature(known))
        #expect(!state.isBehind(commit, set: four.set, validator: four.ids[0]))
    }

    @Test("K7: after a loss of the state nothing up to the named height is signed, and the next height is")
    func loss() {
        let state = SignerState.refusing(through: 7)
        for height in 1...7 as ClosedRange<Height> {
            #expect(state.decide(request(.prevote, height, 0, a)) == .refuse(.regression))
            #expect(state.decide(request(.precommit, height, roundLimit - 1, a)) == .refuse(.regression))
        }
        #expect(state.decide(request(.precommit, 7, roundLimit, a)) == .refuse(.conflict))
        #expect(state.decide(proposal(8, 0, a)) == .sign)
    }

    @Test(
        "whatever is asked in whatever order, no two different requests of one step are ever signed",
        arguments: 0..<100 as Range<UInt64>)
    func neverTwice(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        var state = SignerState()
        var signed: [[UInt64]: [UInt8]] = [:]
        for _ in 0..<300 {
            let (height, round) = (1 + dice.next(below: 3), Round(dice.next(below: 3)))
            let block = [a, b, nil][Int(dice.next(below: 3))]
            let step = dice.next(below: 3)
            let wish =
                step == 0
                ? proposal(height, round, block ?? a) : request(step == 1 ? .prevote : .precommit, height, round, block)
            if dice.next(below: 10) == 0 { state = try SignerState(canonicalBytes: state.canonicalBytes) }
            switch state.decide(wish) {
            case .sign:
                #expect(signed.updateValue(wish.bytes, forKey: [height, UInt64(round), step]) == nil)
                state.record(wish, signature: signature(wish))
            case .reuse: #expect(signed[[height, UInt64(round), step]] == wish.bytes)
            case .refuse: break
            }
        }
    }
}
