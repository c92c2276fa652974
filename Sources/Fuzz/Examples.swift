import Consensus
import Keys
import Ledger
import Wire

/// Small valid values that the decoders' examples are made of.
enum Examples {
    /// Keys of the four accounts; each account's node key is derived from it.
    static let accounts: [SigningKey] = (1...4 as ClosedRange<UInt8>).map { byte in
        guard let key = SigningKey(seed: [UInt8](repeating: byte, count: 32)) else { preconditionFailure("32 bytes") }
        return key
    }
    static let nodes: [SigningKey] = accounts.map { account in
        guard let path = DerivationPath([0]) else { preconditionFailure("a path of one step") }
        return account.derived(path)
    }
    static let ids = accounts.map { AccountID($0.publicKey) }

    static func digest(_ byte: UInt8) -> Digest { Digest(sha256: [byte]) }

    static let proof = nodes[0].prove(alpha: [1])

    static let job = TrainingJob(
        model: digest(1), specification: digest(2), budget: Amount(seeds: 1_000_000_000_000), rounds: 3, trainers: 2,
        committee: 3, minimumStake: Amount(seeds: 1), trainWindow: 10, auditWindow: 10, aggregateWindow: 10)

    static func receipt(_ job: Digest, worker: Int = 0) -> Receipt {
        Receipt(
            job: job, round: 0, worker: ids[worker], input: digest(1), code: digest(2), seed: digest(3),
            checkpoints: digest(4), count: 5, output: digest(6), residual: .zero)
    }

    static func certificate(_ index: Int) -> NodeCertificate {
        .issue(by: accounts[index], for: nodes[index].publicKey, issued: 1_700_000_000)
    }

    static let genesis: Genesis = {
        let stake = Amount(seeds: 10_000 * Amount.seedsPerFIG)
        return Genesis(
            name: "fuzz", time: 1_700_000_000_000, parameters: Parameters(),
            holders: ids.indices.map {
                Genesis.Holder(account: ids[$0], balance: stake, stake: stake, node: certificate($0))
            })
    }()

    /// Every operation once, and the ones of a round for one job.
    static func operations(_ job: Digest) -> [Operation] {
        let receipt = receipt(job)
        func verdict(_ finding: Verdict.Finding) -> Operation {
            .verdict(
                Verdict(
                    job: job, round: 0, worker: ids[0], receipt: receipt.id, finding: finding, examined: [1, 3],
                    segments: [0, 2], proof: proof))
        }
        return [
            .transfer(to: ids[1], amount: Amount(seeds: 5)), .stake(Amount(seeds: 7)), .unstake(Amount(seeds: 9)),
            .registerNode(certificate(1)), .postJob(Self.job), .joinJob(job), .openRound(job), .receipt(receipt),
            verdict(.clean), verdict(.fault(.segment(3))), verdict(.fault(.output)),
            .aggregate(Aggregate(job: job, round: 0, model: digest(9))),
        ] + serviceOperations
    }

    private static func answer(_ number: UInt8, output: UInt8 = 6) -> SignedReceipt {
        let receipt = Receipt(
            job: digest(number), round: 0, worker: ids[1], input: digest(1), code: digest(2), seed: digest(3),
            checkpoints: digest(4), count: 5, output: digest(output), residual: .zero)
        return .sign(receipt, seedProof: proof, with: nodes[1])
    }

    /// Payment channels and answers: each operation once.
    static let serviceOperations: [Operation] = {
        let terms = ChannelTerms(
            payee: ids[1], signer: nodes[0].publicKey, deposit: Amount(seeds: 1 << 32), expiry: 20_000)
        let record = AnswerRecord(signed: answer(10), client: ids[0], payment: Amount(seeds: 1 << 20))
        let finding = AuditFinding.faulty(
            AnswerFault(code: 3, step: 1), AuditFinding.Recomputation(value: digest(8), price: Amount(seeds: 9)))
        let reveal = AuditReveal(answer: record.id, finding: finding, salt: digest(9))
        return [
            .openChannel(terms), .topUpChannel(digest(11), Amount(seeds: 5)),
            .claimChannel(.sign(Voucher(channel: digest(11), amount: Amount(seeds: 3)), with: nodes[0])),
            .closeChannel(digest(11)), .volunteer(true), .recordAnswers([record]),
            .accuse(Accusation(answer: record, bond: Amount(fig: 1) ?? .zero)),
            .reportEquivocation(Equivocation(first: answer(10), second: answer(10, output: 7))),
            .auditCommit(AuditCommitment(answer: record.id, digest: reveal.commitment(of: ids[2]))),
            .auditReveal(reveal),
            .openDispute(DisputeOpening(bond: Amount(fig: 1) ?? .zero, member: ids[2], opening: [1, 2, 3])),
            .plead(PlantedFault(answer: record.id, request: [6, 7], salt: digest(12))),
            .disputeMove(DisputeTurn(answer: record.id, number: 3, move: [4, 5])),
            .showWitness(ShownWitness(answer: record.id, state: [8, 9])),
        ]
    }()

    static func transaction(_ operation: Operation, from index: Int = 0, nonce: UInt64 = 1) -> Transaction {
        .sign(
            operation, chain: genesis.digest, sender: ids[index], nonce: nonce, fee: Amount(seeds: 1_000),
            with: accounts[index])
    }

    static let vote = signed(Vote(.prevote, height: 3, round: 1, block: digest(1), voter: ids[0]))
    static let otherVote = signed(Vote(.prevote, height: 3, round: 1, block: nil, voter: ids[0]))
    static let precommit = signed(Vote(.precommit, height: 3, round: 1, block: digest(1), voter: ids[0]))

    private static func signed(_ vote: Vote) -> SignedVote { SignedVote(vote, signature: nodes[0].signRaw([1])) }

    static let proposal = SignedProposal(
        Proposal(height: 3, round: 1, polkaRound: 0, block: digest(1), proposer: ids[0]),
        signature: nodes[0].signRaw([2]))

    static let commit = Commit(
        height: 2, round: 0, block: digest(1),
        slots: [.commit(nodes[0].signRaw([3])), .absent, .nil(nodes[0].signRaw([4])), .commit(nodes[0].signRaw([5]))])

    static let validators: ValidatorSet = {
        let members = ids.indices.map { ValidatorChange(id: ids[$0], key: nodes[$0].publicKey, power: UInt64($0) + 1) }
        guard let set = try? ValidatorSet(members) else { preconditionFailure("four validators with power") }
        return set
    }()
}
