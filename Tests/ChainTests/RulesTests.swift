import Chain
import Consensus
import Keys
import Ledger
import Testing
import Wire

@Suite("Blocks and the state they lead to")
struct BlockTests {
    private func start(_ chain: TestChain = TestChain(validators: 4)) throws -> (TestChain, ChainState) {
        (chain, try ChainState(genesis: chain.genesis))
    }

    private func changed(_ header: Header, _ edit: (inout HeaderFields) -> Void) -> Header {
        var fields = HeaderFields(header)
        edit(&fields)
        return fields.header
    }

    @Test("a built block is valid, and validating it gives the state that building gave")
    func buildAndValidate() throws {
        let (chain, genesis) = try start()
        let (first, built) = chain.next(on: genesis, last: nil, [chain.transfer(nonce: 1), chain.transfer(nonce: 2)])
        let found = try genesis.validate(first.block, size: first.block.canonicalBytes.count)
        #expect(found.after.canonicalBytes == built.after.canonicalBytes)
        #expect(found.outcome == built.outcome)
        #expect(first.block.transactions.count == 2)
        let (second, _) = chain.next(on: found.after, last: first.commit)
        _ = try found.after.validate(second.block, size: second.block.canonicalBytes.count)
        #expect(second.block.header.stateRoot == found.after.state.root)
        #expect(try ChainState(canonicalBytes: found.after.canonicalBytes).canonicalBytes == found.after.canonicalBytes)
    }

    @Test("a change in any field of the header makes the block invalid, and gives it another id")
    func everyField() throws {
        let (chain, genesis) = try start()
        let (first, execution) = chain.next(on: genesis, last: nil)
        let state = execution.after
        let block = chain.next(on: state, last: first.commit, [chain.transfer(nonce: 1)]).0.block
        let other = Digest(sha256: [1])
        let stranger = SigningKey.generate()
        let edits: [(String, (inout HeaderFields) -> Void)] = [
            ("chain", { $0.chain = ChainID("other")! }), ("height", { $0.height += 1 }),
            ("time", { $0.time = state.lastTime }), ("previous", { $0.previous = other }),
            ("lastCommit", { $0.lastCommit = other }), ("transactions", { $0.transactions = other }),
            ("evidence", { $0.evidence = other }), ("validators", { $0.validators = other }),
            ("nextValidators", { $0.nextValidators = other }), ("parameters", { $0.parameters = other }),
            ("stateRoot", { $0.stateRoot = other }), ("resultsRoot", { $0.resultsRoot = other }),
            ("proposer", { $0.proposer = AccountID(stranger.publicKey) }),
            ("beacon", { $0.beacon = stranger.prove(alpha: [1]) }),
        ]
        #expect((try? state.validate(block, size: 1)) != nil)
        for (name, edit) in edits {
            let header = changed(block.header, edit)
            #expect(header.id != block.id, "\(name)")
            let bad = Block(
                header: header, transactions: block.transactions, evidence: block.evidence, lastCommit: block.lastCommit
            )
            #expect(throws: BlockProblem.self, "\(name)") { try state.validate(bad, size: 1) }
        }
    }

    @Test("the last commit must be there, be of the last block, and hold more than two thirds of the power")
    func lastCommit() throws {
        let (chain, genesis) = try start()
        let (first, execution) = chain.next(on: genesis, last: nil)
        let state = execution.after
        func check(_ commit: Commit?) throws {
            let block = chain.next(on: state, last: commit).0.block
            _ = try state.validate(block, size: 1)
        }
        try check(first.commit)
        #expect(throws: BlockProblem.missingCommit) { try check(nil) }
        var slots = first.commit.slots
        slots[0] = .absent
        try check(Commit(height: 1, round: 0, block: first.block.id, slots: slots))
        slots[1] = .absent
        #expect(throws: BlockProblem.self) {
            try check(Commit(height: 1, round: 0, block: first.block.id, slots: slots))
        }
        #expect(throws: BlockProblem.self) {
            try check(Commit(height: 1, round: 1, block: first.block.id, slots: first.commit.slots))
        }
    }

    @Test("a block above the limit of bytes is refused with its size")
    func size() throws {
        let (chain, genesis) = try start()
        let block = chain.next(on: genesis, last: nil).0.block
        #expect(throws: BlockProblem.tooLarge(Block.byteLimit + 1)) {
            try genesis.validate(block, size: Block.byteLimit + 1)
        }
    }

    @Test("a transaction with a wrong nonce or signature makes a block invalid, and is left out of one that is built")
    func transactions() throws {
        let (chain, genesis) = try start()
        let good = chain.transfer(nonce: 1)
        let gap = chain.transfer(nonce: 3)
        let forged = Transaction(
            chain: good.chain, sender: good.sender, signer: good.signer, nonce: 2, fee: good.fee,
            operation: good.operation,
            signature: good.signature)
        let (decided, _) = chain.next(on: genesis, last: nil, [good, forged, gap])
        #expect(decided.block.transactions == [good])
        for bad in [gap, forged] {
            var fields = HeaderFields(decided.block.header)
            fields.transactions = Block.root(of: [good, bad])
            let block = Block(header: fields.header, transactions: [good, bad], evidence: [], lastCommit: nil)
            #expect(throws: BlockProblem.self) { try genesis.validate(block, size: 1) }
        }
    }

    @Test("evidence is punished once; a stranger's, a forged, or an early one makes the block invalid")
    func evidence() throws {
        let (chain, genesis) = try start()
        let liar = chain.members[2]
        func vote(_ block: Digest?, height: Height = 1, by key: SigningKey? = nil) -> SignedVote {
            let vote = Vote(.prevote, height: height, round: 0, block: block, voter: liar.account)
            return SignedVote(
                vote, signature: (key ?? liar.node).sign(vote.signBytes(chain: genesis.chain), for: .vote))
        }
        let evidence = Evidence(vote(nil), vote(.zero))!
        #expect(throws: OffenceRecord.Problem.tooEarly(1)) {
            try genesis.record.check(evidence, head: 0, chain: genesis.chain)
        }
        let (first, one) = chain.next(on: genesis, last: nil)
        let before = one.after.state.account(liar.account)?.stake
        let (second, two) = chain.next(on: one.after, last: first.commit, evidence: [evidence])
        #expect(second.block.evidence == [evidence])
        _ = try one.after.validate(second.block, size: 1)
        #expect(before.map { two.after.state.account(liar.account)!.stake < $0 } == true)
        #expect(throws: OffenceRecord.Problem.alreadyPunished(evidence.id)) {
            try two.after.record.check(evidence, head: 2, chain: genesis.chain)
        }
        let forged = Evidence(vote(nil, by: chain.rich), vote(.zero))!
        #expect(throws: OffenceRecord.Problem.self) {
            try one.after.record.check(forged, head: 1, chain: genesis.chain)
        }
        // The set of the height after next is without the liar, who is banned.
        #expect(two.after.nextValidators[liar.account] == nil)
        #expect(two.after.validators[liar.account] != nil)
    }

    @Test(
        "the beacon follows from the proposer's key and the last beacon: everybody computes the same, nobody chooses it"
    )
    func beacon() throws {
        let (chain, genesis) = try start()
        let (_, one) = chain.next(on: genesis, last: nil)
        let (_, again) = chain.next(on: genesis, last: nil, [chain.transfer(nonce: 1)])
        #expect(one.after.beacon == again.after.beacon)
        #expect(one.after.beacon != genesis.beacon)
    }

    @Test(
        "an account's proof verifies offline, for the trusted validators and genesis only, and not after any flipped bit"
    )
    func accountProof() throws {
        let (chain, genesis) = try start(TestChain(validators: 1))
        let (first, one) = chain.next(on: genesis, last: nil, [chain.transfer(nonce: 1)])
        let (second, _) = chain.next(on: one.after, last: first.commit)
        let key = StateKey.account(chain.members[0].account)
        let bundle = AccountProofBundle(
            proof: one.after.state.prove(key), header: second.block.header, commit: second.commit,
            validators: one.after.validators)
        let trusted = genesis.validators.digest
        let value = try bundle.verify(key, genesis: chain.genesis.digest, trusted: trusted)
        #expect(value == one.after.state.account(chain.members[0].account)?.canonicalBytes)
        let absent = StateKey.account(AccountID(SigningKey.generate().publicKey))
        let none = AccountProofBundle(
            proof: one.after.state.prove(absent), header: bundle.header, commit: bundle.commit,
            validators: bundle.validators)
        let nothing = try none.verify(absent, genesis: chain.genesis.digest, trusted: trusted)
        #expect(nothing == nil)
        let genesisDigest: Digest = chain.genesis.digest
        #expect(throws: AccountProofBundle.Problem.self) { try bundle.verify(key, genesis: .zero, trusted: trusted) }
        #expect(throws: AccountProofBundle.Problem.self) {
            try bundle.verify(key, genesis: genesisDigest, trusted: .zero)
        }
        #expect(throws: AccountProofBundle.Problem.self) {
            try bundle.verify(absent, genesis: genesisDigest, trusted: trusted)
        }
        let bytes = bundle.canonicalBytes
        var survivors = 0
        for bit in stride(from: 0, to: bytes.count * 8, by: 3) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let other = try? AccountProofBundle(canonicalBytes: damaged) else { continue }
            // Priorities and turns of validators are not proven, and change nothing.
            if let found = try? other.verify(key, genesis: genesisDigest, trusted: trusted) {
                #expect(found == value)
                survivors += 1
            }
        }
        #expect(survivors <= 72)
    }
}

/// A header's fields, to change one.
struct HeaderFields {
    var chain: ChainID
    var height: Height
    var time: UInt64
    var previous, lastCommit, transactions, evidence, validators, nextValidators, parameters: Digest
    var stateRoot, resultsRoot: Digest
    var proposer: ValidatorID
    var beacon: VRFProof

    init(_ header: Header) {
        (chain, height, time, previous) = (header.chain, header.height, header.time, header.previous)
        (lastCommit, transactions, evidence) = (header.lastCommit, header.transactions, header.evidence)
        (validators, nextValidators) = (header.validators, header.nextValidators)
        (parameters, stateRoot, resultsRoot) = (header.parameters, header.stateRoot, header.resultsRoot)
        (proposer, beacon) = (header.proposer, header.beacon)
    }

    var header: Header {
        Header(
            chain: chain, height: height, time: time, previous: previous, lastCommit: lastCommit,
            transactions: transactions, evidence: evidence, validators: validators, nextValidators: nextValidators,
            parameters: parameters, stateRoot: stateRoot, resultsRoot: resultsRoot, proposer: proposer, beacon: beacon)
    }
}
