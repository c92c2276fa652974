import Chain
import Keys
import Ledger
import Testing
import Wire

@Suite("Mempool")
struct MempoolTests {
    private let chain = TestChain(validators: 1)

    private func pool(_ limits: Mempool.Limits = Mempool.Limits()) throws -> (Mempool, State) {
        (Mempool(limits: limits), try State(genesis: chain.genesis))
    }

    @Test("nonces of a key come in order and without a gap; the next one counts those that wait")
    func nonces() throws {
        var (pool, state) = try pool()
        #expect(pool.nextNonce(of: chain.rich.publicKey, state: state) == 1)
        #expect(throws: Mempool.Refusal.nonce(got: 2, expected: 1)) {
            try pool.add(chain.transfer(nonce: 2), state: state, height: 0)
        }
        for nonce in 1...5 as ClosedRange<UInt64> {
            try pool.add(chain.transfer(nonce: nonce), state: state, height: 0)
        }
        #expect(pool.nextNonce(of: chain.rich.publicKey, state: state) == 6)
        #expect(pool.reap().map(\.nonce) == [1, 2, 3, 4, 5])
        let known = chain.transfer(nonce: 3)
        #expect(throws: Mempool.Refusal.known(known.id)) { try pool.add(known, state: state, height: 0) }
    }

    @Test("a higher fee replaces the same nonce; a lower or equal one does not")
    func replacement() throws {
        var (pool, state) = try pool()
        let first = chain.transfer(nonce: 1, fee: 2_000)
        try pool.add(first, state: state, height: 0)
        #expect(throws: Mempool.Refusal.replaced(by: first.id)) {
            try pool.add(chain.transfer(nonce: 1, fee: 2_000, amount: 6), state: state, height: 0)
        }
        let better = chain.transfer(nonce: 1, fee: 3_000)
        try pool.add(better, state: state, height: 0)
        #expect(pool.reap() == [better] && pool.count == 1 && pool.size == better.canonicalBytes.count)
    }

    @Test("the best fee per byte goes first, whoever sent it, and each key in order of nonce")
    func order() throws {
        var (pool, state) = try pool()
        let other = chain.members[0].root
        try pool.add(chain.transfer(nonce: 1, fee: 1_000), state: state, height: 0)
        try pool.add(chain.transfer(nonce: 2, fee: 9_000), state: state, height: 0)
        try pool.add(chain.transfer(nonce: 1, fee: 5_000, from: other), state: state, height: 0)
        #expect(pool.reap().map(\.fee.seeds) == [5_000, 1_000, 9_000])
        #expect(pool.reap(count: 1).map(\.fee.seeds) == [5_000])
        #expect(pool.reap(bytes: 0).isEmpty)
    }

    @Test("a full pool takes only what pays more than the cheapest, and stays within its limits")
    func full() throws {
        var (pool, state) = try pool(Mempool.Limits(transactions: 2))
        let other = chain.members[0].root
        try pool.add(chain.transfer(nonce: 1, fee: 2_000), state: state, height: 0)
        try pool.add(chain.transfer(nonce: 2, fee: 3_000), state: state, height: 0)
        #expect(throws: Mempool.Refusal.full) {
            try pool.add(chain.transfer(nonce: 1, fee: 3_000, from: other), state: state, height: 0)
        }
        try pool.add(chain.transfer(nonce: 1, fee: 4_000, from: other), state: state, height: 0)
        #expect(pool.count == 2)
        #expect(pool.reap().map(\.fee.seeds) == [4_000, 2_000])
    }

    @Test("a forged signature, another chain, and too small a fee are refused; the first two are the sender's fault")
    func refusals() throws {
        var (pool, state) = try pool()
        let good = chain.transfer(nonce: 1)
        let forged = Transaction(
            chain: good.chain, sender: good.sender, signer: good.signer, nonce: 1, fee: Amount(seeds: 1_001),
            operation: good.operation, signature: good.signature)
        let foreign = TestChain(validators: 1, seed: 9).transfer(nonce: 1)
        var faults: [Bool] = []
        for bad in [forged, foreign, chain.transfer(nonce: 1, fee: 1)] {
            do throws(Mempool.Refusal) { try pool.add(bad, state: state, height: 0) } catch {
                faults.append(error.isFault)
            }
        }
        #expect(faults == [true, true, false])
        #expect(pool.isEmpty && pool.size == 0)
    }

    @Test(
        "what the sender does not have, with fees and what waits, is refused with both amounts; the exact balance is taken"
    )
    func overdraft() throws {
        var (pool, state) = try pool()
        let key = chain.members[0].root
        let balance = try #require(state.account(chain.members[0].account)?.balance)
        let first = chain.transfer(nonce: 1, fee: 1_000, amount: 4_000_000_000, from: key)
        try pool.checkFunds(of: first, state: state)
        try pool.add(first, state: state, height: 0)
        let rest = balance.seeds - 4_000_000_000 - 2_000
        try pool.checkFunds(of: chain.transfer(nonce: 2, fee: 1_000, amount: rest, from: key), state: state)
        let above = chain.transfer(nonce: 2, fee: 1_000, amount: rest + 1, from: key)
        let refusal = #expect(throws: Mempool.Refusal.self) { try pool.checkFunds(of: above, state: state) }
        let needed = Amount(seeds: balance.seeds + 1)
        #expect(refusal == .overdraft(balance: balance, amount: Amount(seeds: rest + 1), needed: needed))
        #expect(refusal?.description.contains("\(balance)") == true && refusal?.isFault == false)
        // In the place of the first it could be paid.
        try pool.checkFunds(of: chain.transfer(nonce: 1, fee: 2_000, amount: rest + 1, from: key), state: state)
        let largest = Transaction.sign(
            .stake(Amount(seeds: .max)), chain: chain.genesis.digest, sender: chain.members[0].account, nonce: 2,
            fee: Amount(seeds: 1_000), with: key)
        #expect(throws: Mempool.Refusal.self) { try pool.checkFunds(of: largest, state: state) }
    }

    @Test(
        "only what a dispute waits for, or opens one with a bond that is there, is larger than other transactions, one at a time"
    )
    func large() throws {
        var (pool, state) = try pool()
        let opening = [UInt8](repeating: 7, count: 100 << 10)
        func transaction(_ operation: Operation, nonce: UInt64 = 1) -> Transaction {
            .sign(
                operation, chain: chain.genesis.digest, sender: AccountID(chain.rich.publicKey), nonce: nonce,
                fee: Amount(seeds: 1_000 * operation.feeUnits), with: chain.rich)
        }
        let bond = Amount(fig: 1)!
        let cheap = transaction(.openDispute(DisputeOpening(bond: Amount(seeds: bond.seeds - 1), opening: opening)))
        let id = AnswerID(provider: chain.members[0].account, job: .zero)
        let move = transaction(.disputeMove(DisputeTurn(answer: id, number: 0, move: opening)))
        for refused in [cheap, move] {
            let refusal = #expect(throws: Mempool.Refusal.notAwaited) { try pool.add(refused, state: state, height: 0) }
            #expect(refusal?.isFault == false)
        }
        try pool.add(transaction(.openDispute(DisputeOpening(bond: bond, opening: opening))), state: state, height: 0)
        #expect(pool.reap().count == 1)
        let second = transaction(.openDispute(DisputeOpening(bond: bond, opening: opening)), nonce: 2)
        #expect(throws: Mempool.Refusal.notAwaited) { try pool.add(second, state: state, height: 0) }
    }

    @Test("what a block held goes, what follows stays, and what waited too long goes")
    func afterBlocks() throws {
        var (pool, state) = try pool(Mempool.Limits(lifetime: 10))
        let all = (1...4 as ClosedRange<UInt64>).map { chain.transfer(nonce: $0) }
        for transaction in all { try pool.add(transaction, state: state, height: 0) }
        _ = try state.apply(
            Array(all[0..<2]), in: BlockContext(height: 1, time: 1, proposer: chain.members[0].account, beacon: .zero))
        pool.committed(Array(all[0..<2]), state: state, height: 1)
        #expect(pool.reap() == Array(all[2...]))
        #expect(!pool.contains(all[0].id) && pool.contains(all[2].id))
        pool.committed([], state: state, height: 16)
        #expect(pool.isEmpty && pool.size == 0)
    }

    @Test(
        "whatever comes in whatever order, the pool is within its limits and reaps what a block takes",
        arguments: 0..<20 as Range<UInt64>)
    func random(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        var (pool, state) = try pool(Mempool.Limits(transactions: 10, perSigner: 4))
        let keys = [chain.rich, chain.members[0].root]
        for step in 0..<60 as Range<UInt64> {
            let key = keys[Int(dice.next(below: 2))]
            let nonce = pool.nextNonce(of: key.publicKey, state: state) &+ dice.next(below: 3) &- 1
            let transaction = chain.transfer(nonce: nonce, fee: 1_000 + dice.next(below: 9), from: key)
            _ = try? pool.add(transaction, state: state, height: step)
            #expect(pool.count <= 10)
            if step % 10 == 9 {
                let block = pool.reap(count: 3)
                var after = state
                _ = try after.apply(
                    block, in: BlockContext(height: step, time: step, proposer: chain.members[0].account, beacon: .zero)
                )
                state = after
                pool.committed(block, state: state, height: step)
            }
        }
    }
}
