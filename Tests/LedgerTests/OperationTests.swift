import Keys
import Ledger
import Testing
import Wire

@Suite struct AdmissionTests {
    @Test(
        "a transaction with a wrong chain, nonce, fee, signer, balance or signature makes its block invalid, and nothing changes"
    )
    func invalidBlocks() throws {
        var ledger = try TestLedger()
        let transfer = Operation.transfer(to: ledger.id(1), amount: Amount(seeds: 5))
        let good = ledger.sign(transfer, by: 2)
        let empty = try State(genesis: ledger.genesis)
        let poor = SigningKey(seed: [UInt8](repeating: 9, count: 32))!
        func broken(
            chain: Digest? = nil, nonce: UInt64 = 1, fee: UInt64 = 1_000, by key: SigningKey? = nil,
            sender: AccountID? = nil, _ operation: Operation? = nil
        ) -> Transaction {
            Transaction.sign(
                operation ?? transfer, chain: chain ?? ledger.state.chain, sender: sender ?? ledger.id(2), nonce: nonce,
                fee: Amount(seeds: fee), with: key ?? ledger.roots[2])
        }
        let cases: [(Transaction, Rejection)] = [
            (broken(chain: .zero), .wrongChain(.zero)),
            (broken(nonce: 2), .nonce(2, expected: 1)), (broken(nonce: 0), .nonce(0, expected: 1)),
            (broken(nonce: .max), .nonce(.max, expected: 1)),
            (broken(fee: 999), .fee(Amount(seeds: 999), minimum: Amount(seeds: 1_000))),
            (broken(by: ledger.roots[3]), .signer(ledger.roots[3].publicKey)),
            (broken(by: ledger.nodes[2]), .signer(ledger.nodes[2].publicKey)),
            (broken(by: ledger.nodes[3], .joinJob(.zero)), .signer(ledger.nodes[3].publicKey)),
            (
                broken(by: poor, sender: AccountID(poor.publicKey)),
                .balance(.zero, needed: Amount(seeds: 1_000))
            ),
            (
                Transaction(
                    chain: good.chain, sender: good.sender, signer: good.signer, nonce: good.nonce, fee: good.fee,
                    operation: .transfer(to: ledger.id(1), amount: Amount(seeds: 6)), signature: good.signature),
                .signature
            ),
        ]
        for (transaction, rejection) in cases {
            #expect(throws: rejection) { try ledger.state.check(transaction) }
            let before = ledger.state.root
            #expect(throws: BlockRejection.transaction(index: 1, rejection)) {
                try ledger.apply([ledger.sign(transfer, by: 4), transaction])
            }
            #expect(ledger.state.root == before)
        }
        #expect(ledger.state.root == empty.root)
        try ledger.state.check(good)
        try ledger.apply([good])
        #expect(throws: Rejection.nonce(1, expected: 2)) { try ledger.state.check(good) }
    }

    @Test("a transaction is valid after those that wait before it, and a trusted signature is not checked again")
    func pending() throws {
        let ledger = try TestLedger()
        let third = ledger.sign(.stake(Amount(fig: 1)!), by: 2, skip: 2)
        try ledger.state.check(third, pendingBefore: 2)
        #expect(throws: Rejection.nonce(3, expected: 1)) { try ledger.state.check(third) }
        let forged = Transaction(
            chain: third.chain, sender: third.sender, signer: third.signer, nonce: 1, fee: third.fee,
            operation: third.operation, signature: third.signature)
        try ledger.state.check(forged, verifiedSignature: true)
        var state = ledger.state
        #expect(throws: BlockRejection.transaction(index: 0, .signature)) {
            try state.apply([forged], in: ledger.context())
        }
        _ = try state.apply([forged], in: ledger.context(), trusting: [forged.id])
    }

    @Test("an operation that fails keeps its fee and its nonce, and changes nothing else")
    func failureKeepsFee() throws {
        var ledger = try TestLedger()
        let before = ledger.account(2)
        let proposer = ledger.account(0).balance
        let outcome = try ledger.block([(2, .transfer(to: ledger.id(1), amount: Amount(fig: 2_000_000)!))])
        #expect(outcome.results[0].failure != nil)
        #expect(outcome.events.isEmpty)
        let fee = ledger.state.parameters.minimumFee
        #expect(ledger.account(2).balance == before.balance.subtracting(fee))
        #expect(ledger.account(0).balance == proposer.adding(fee))
        #expect(ledger.account(1).balance == TestLedger.balance)
        #expect(ledger.state.nextNonce(of: ledger.roots[2].publicKey) == 2)
        // The same fee and nonce by hand give the same root: nothing else is different.
        var other = try TestLedger()
        try other.block([(2, .joinJob(.zero))])
        #expect(other.account(2) == ledger.account(2))
    }

    @Test("a node key that has expired signs nothing any more")
    func expiredNode() throws {
        var ledger = try TestLedger()
        try ledger.block([(6, .postJob(TestLedger.terms()))])
        let join = ledger.sign(.joinJob(ledger.jobs[0]), by: 1)
        ledger.time += (NodeCertificate.longestLife - 1) * 1000 - 2000
        var alive = ledger
        try alive.apply([join])
        ledger.time += 1000
        #expect(throws: BlockRejection.transaction(index: 0, .signer(ledger.nodes[1].publicKey))) {
            try ledger.apply([join])
        }
        #expect(try ledger.attempt(.openRound(ledger.jobs[0]), by: 6) == nil)
    }
}

@Suite struct OperationTests {
    @Test("a transfer moves exactly its amount, to a new account too, and to the sender itself")
    func transfer() throws {
        var ledger = try TestLedger()
        let all = ledger.account(3).balance - ledger.state.parameters.minimumFee
        #expect(try ledger.attempt(.transfer(to: ledger.id(4), amount: all), by: 3) == nil)
        #expect(ledger.account(3).balance == .zero)
        #expect(ledger.account(4).balance == TestLedger.balance.adding(all))
        #expect(try ledger.attempt(.transfer(to: ledger.id(4), amount: .zero), by: 4) == "the amount is zero")
        let before = ledger.account(4).balance
        #expect(try ledger.attempt(.transfer(to: ledger.id(4), amount: Amount(fig: 7)!), by: 4) == nil)
        #expect(ledger.account(4).balance == before.subtracting(ledger.state.parameters.minimumFee))
        #expect(try ledger.attempt(.transfer(to: ledger.id(1), amount: Amount(seeds: .max)), by: 4) != nil)
    }

    @Test("stake has a minimum; what is withdrawn comes back at its height and not before")
    func staking() throws {
        var ledger = try TestLedger { $0.unbondingBlocks = 40 }
        #expect(try ledger.attempt(.stake(Amount(seeds: 999_999_999)), by: 6) != nil)
        #expect(ledger.account(6).stake == .zero)
        #expect(try ledger.attempt(.stake(.zero), by: 6) == "the amount is zero")
        #expect(try ledger.attempt(.stake(Amount(fig: 3_000_000)!), by: 6) != nil)
        #expect(try ledger.attempt(.stake(Amount(fig: 50)!), by: 6) == nil)
        #expect(try ledger.attempt(.unstake(Amount(fig: 51)!), by: 6) != nil)
        #expect(try ledger.attempt(.unstake(Amount(seeds: 49_500_000_000)), by: 6) != nil)
        #expect(try ledger.attempt(.unstake(.zero), by: 6) == "the amount is zero")
        #expect(try ledger.attempt(.unstake(Amount(fig: 50)!), by: 6) == nil)
        #expect(ledger.account(6).unbondingTotal == Amount(fig: 50)!)
        let free = ledger.height + 40
        let balance = ledger.account(6).balance
        try ledger.skip(to: free - 1)
        #expect(ledger.account(6).balance == balance)
        try ledger.block()
        #expect(ledger.account(6).balance == balance + Amount(fig: 50)!)
        #expect(ledger.account(6).unbonding.isEmpty)
    }

    @Test("withdrawals under way have a limit")
    func withdrawalLimit() throws {
        var ledger = try TestLedger()
        for _ in 0..<Account.unbondingLimit {
            #expect(try ledger.attempt(.unstake(Amount(fig: 1)!), by: 2) == nil)
        }
        #expect(try ledger.attempt(.unstake(Amount(fig: 1)!), by: 2) == "16 withdrawals are under way already")
    }

    @Test("a node key is registered by its account's certificate, within its life")
    func registerNode() throws {
        var ledger = try TestLedger()
        let node = TestLedger.key("other node", 6)
        let good = TestLedger.certificate(ledger.roots[6], node)
        #expect(try ledger.attempt(.registerNode(good), by: 5) != nil)
        let late = NodeCertificate.issue(by: ledger.roots[6], for: node.publicKey, issued: TestLedger.start / 1000 + 90)
        #expect(try ledger.attempt(.registerNode(late), by: 6) != nil)
        let forged = NodeCertificate(
            account: ledger.id(6), node: node.publicKey, issued: good.issued, expires: good.expires,
            signature: TestLedger.certificate(ledger.roots[5], node).signature)
        #expect(try ledger.attempt(.registerNode(forged), by: 6) != nil)
        #expect(ledger.account(6).node == nil)
        #expect(try ledger.attempt(.registerNode(good), by: 6) == nil)
        #expect(ledger.account(6).node == good)
    }

    @Test("with enough stake and a node an account becomes a validator; without stake it is none")
    func validators() throws {
        var ledger = try TestLedger()
        #expect(ledger.state.validators(at: ledger.time).count == 6)
        try ledger.block([
            (6, .registerNode(TestLedger.certificate(ledger.roots[6], ledger.nodes[6]))),
            (6, .stake(Amount(fig: 1_500)!)),
        ])
        #expect(ledger.state.validators(at: ledger.time).first { $0.id == ledger.id(6) }?.power == 1_500)
        try ledger.block([(6, .unstake(Amount(fig: 501)!))])
        #expect(!ledger.state.validators(at: ledger.time).contains { $0.id == ledger.id(6) })
    }

    @Test("signing twice costs a twentieth of all stake once, and the right to stake")
    func doubleSign() throws {
        var ledger = try TestLedger()
        try ledger.block([(2, .unstake(Amount(fig: 500)!))])
        let offence = Offence(account: ledger.id(2), height: 1)
        try ledger.block(offences: [offence, offence])
        try ledger.block(offences: [offence])
        #expect(ledger.slashes.map(\.amount) == [Amount(fig: 100)!])
        #expect(ledger.account(2).isBanned)
        #expect(!ledger.state.validators(at: ledger.time).contains { $0.id == ledger.id(2) })
        #expect(try ledger.attempt(.stake(Amount(fig: 5)!), by: 2) == "the account is banned")
        #expect(try ledger.attempt(.unstake(Amount(fig: 1_400)!), by: 2) == nil)
    }

    @Test("a job with any number out of its range, or with too little stake behind it, is refused")
    func jobTerms() throws {
        var ledger = try TestLedger()
        let changes: [(inout TrainingJob) -> Void] = [
            { $0.budget = .zero }, { $0.budget = Amount(fig: 2_000_000)! }, { $0.rounds = 0 }, { $0.rounds = .max },
            { $0.trainers = 0 }, { $0.trainers = .max }, { $0.committee = 0 }, { $0.committee = .max },
            { $0.trainWindow = 0 }, { $0.auditWindow = 0 }, { $0.aggregateWindow = .max },
            { $0.trainWindow = 200_000 }, { $0.minimumStake = Amount(fig: 399)! },
        ]
        for change in changes {
            #expect(try ledger.attempt(.postJob(TestLedger.terms(change)), by: 6) != nil)
            #expect(ledger.state.openJobs.isEmpty)
        }
        #expect(try ledger.attempt(.postJob(TestLedger.terms { $0.minimumStake = Amount(fig: 400)! }), by: 6) == nil)
        #expect(ledger.state.supply.escrowed == Amount(fig: 300)!)
    }

    @Test("joining needs a job that gathers, a node, the stake, and happens once")
    func joining() throws {
        var ledger = try TestLedger()
        #expect(try ledger.attempt(.joinJob(.zero), by: 1) != nil)
        try ledger.block([(6, .postJob(TestLedger.terms { $0.trainers = 2 }))])
        let join = Operation.joinJob(ledger.jobs[0])
        let byRoot = ledger.sign(join, by: 6, with: ledger.roots[6])
        #expect(try ledger.apply([byRoot]).results[0].failure == "the account has no registered node key")
        #expect(try ledger.attempt(join, by: 1) == nil)
        #expect(try ledger.attempt(join, by: 1) == "the account has joined already")
        try ledger.block([(2, .unstake(Amount(fig: 1_500)!))])
        #expect(try ledger.attempt(join, by: 2) != nil)
        try ledger.block(
            [(3, .transfer(to: ledger.id(1), amount: Amount(fig: 1)!))],
            offences: [
                Offence(account: ledger.id(3), height: 1)
            ])
        #expect(try ledger.attempt(join, by: 3) == "the account is banned")
        #expect(try ledger.attempt(.openRound(ledger.jobs[0]), by: 1) == "only the owner of the job may do this")
        #expect(try ledger.attempt(join, by: 4) == nil)
        #expect(ledger.record.phase == .training)
        #expect(try ledger.attempt(join, by: 5) == "the job is training")
        #expect(try ledger.attempt(.openRound(ledger.jobs[0]), by: 6) == "the job is training")
    }

    @Test("a receipt that is not exactly this round's is refused, and the first one stands")
    func receipts() throws {
        var ledger = try TestLedger.training { $0.trainWindow = 60 }
        let wrong = [
            ledger.receipt(of: 0) { $0["input"] = .zero }, ledger.receipt(of: 0) { $0["code"] = .zero },
            ledger.receipt(of: 0) { $0["seed"] = .zero }, ledger.receipt(of: 0, count: 1),
            ledger.receipt(of: 0, count: 1_026), ledger.receipt(of: 0, count: .max), ledger.receipt(of: 1),
        ]
        for receipt in wrong { #expect(try ledger.attempt(.receipt(receipt), by: 0) != nil) }
        #expect(try ledger.attempt(.receipt(ledger.receipt(of: 3)), by: 3) == "the account is no trainer of the job")
        #expect(try ledger.attempt(.receipt(ledger.receipt(of: 0)), by: 0) == nil)
        let second = ledger.receipt(of: 0) { $0["output"] = .zero }
        #expect(try ledger.attempt(.receipt(second), by: 0) == "the worker has sent a receipt for this round")
        #expect(ledger.record.receipts.count == 1)
        #expect(ledger.record.phase == .training)  // Nothing above was refused for being late.
    }

    @Test("a verdict needs a seat, the round's receipt, segments that exist, and the member's own draw with its proof")
    func verdicts() throws {
        var ledger = try TestLedger.training {
            $0.committee = 2
            $0.auditWindow = 60
        }
        try ledger.sendReceipts()
        let member = ledger.members(for: 0)[0]
        let good = ledger.verdict(of: member, about: 0)
        let changes: [(inout Verdict) -> Void] = [
            { $0.round = 1 }, { $0.job = .zero }, { $0.receipt = .zero },
            { $0.worker = AccountID($0.worker.key == ledger.id(1).key ? ledger.id(2).key : ledger.id(1).key) },
            { $0.finding = .fault(.segment(8)) }, { $0.examined = [8] }, { $0.segments = [8] }, { $0.segments = [] },
            { $0.segments = [($0.segments[0] + 1) % 8] }, { $0.segments = [0, 1] },
            { $0.proof = VRFProof(bytes: [UInt8](repeating: 1, count: 80))! },
            { $0.proof = ledger.nodes[member].prove(alpha: [1]) },
        ]
        for change in changes {
            var verdict = good
            change(&verdict)
            #expect(try ledger.attempt(.verdict(verdict), by: member) != nil)
        }
        for bit in stride(from: 0, to: 640, by: 7) {
            var bytes = good.proof.bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            var verdict = good
            verdict.proof = VRFProof(bytes: bytes)!
            let state = ledger.state
            var copy = ledger
            #expect(try copy.attempt(.verdict(verdict), by: member) != nil)
            #expect(ledger.state.root == state.root)
        }
        let stranger = (0..<6).first { $0 != 0 && !ledger.members(for: 0).contains($0) }!
        #expect(try ledger.attempt(.verdict(ledger.verdict(of: stranger, about: 0)), by: stranger) != nil)
        #expect(
            try ledger.attempt(.verdict(ledger.verdict(of: 0, about: 0)), by: 0)
                == "the account is not in the committee")
        #expect(
            try ledger.attempt(.aggregate(Aggregate(job: ledger.jobs[0], round: 0, model: .zero)), by: member) != nil)
        #expect(ledger.record.phase == .auditing)  // Nothing above was refused for being late.
        #expect(try ledger.attempt(.verdict(good), by: member) == nil)
        try ledger.skip(to: ledger.record.deadline)
        #expect(try ledger.attempt(.verdict(good), by: member) != nil)
    }

    @Test("only members of the round's committees vote on the model, each once")
    func votes() throws {
        var ledger = try TestLedger.training { $0.committee = 1 }
        try ledger.sendReceipts()
        try ledger.vote { _, _ in (.clean, []) }
        let voters = ledger.record.voters.map { ledger.index($0.account) }
        let vote = Operation.aggregate(Aggregate(job: ledger.jobs[0], round: 0, model: .zero))
        for index in 0..<6 where !voters.contains(index) {
            #expect(try ledger.attempt(vote, by: index) == "the account is not in the committee")
            break
        }
        let wrong = Operation.aggregate(Aggregate(job: ledger.jobs[0], round: 1, model: .zero))
        #expect(try ledger.attempt(wrong, by: voters[0]) != nil)
    }
}
