import Chain
import Keys
import Ledger
import Testing
import Wire

@Suite("A node's own transactions")
struct OwnTransactionsTests {
    private func machine(_ chain: TestChain) throws -> ValidatorMachine {
        ValidatorMachine(
            head: try ChainState(genesis: chain.genesis), last: nil, provenState: nil, account: nil, key: nil,
            configuration: ChainConfiguration())
    }

    /// The transactions that the effects publish, in their order.
    private func published(_ effects: [ValidatorMachine.Effect]) -> [Transaction] {
        effects.compactMap { effect in
            guard case .publish(let bytes, on: .transactions) = effect,
                case .transaction(let transaction)? = (try? ChainMessage(canonicalBytes: bytes))?.content
            else { return nil }
            return transaction
        }
    }

    @Test("what waits for a block is said again after a while, in order; what is in a block is not")
    func saidAgain() throws {
        let chain = TestChain(validators: 1, followers: 1)
        var machine = try machine(chain)
        let (first, second) = (chain.transfer(nonce: 1), chain.transfer(nonce: 2))
        let start = TestChain.epoch
        #expect(published(machine.step(.submit(first), at: start)) == [first])
        #expect(published(machine.step(.submit(second), at: start)) == [second])
        let foreign = chain.transfer(nonce: 1, from: chain.members[0].root)
        let told = ChainMessage(chain: chain.genesis.digest, .transaction(foreign)).canonicalBytes
        _ = machine.step(.message(told, on: .transactions, from: chain.members[0].peer), at: start)
        #expect(published(machine.step(.timer(.sync), at: start + OwnTransactions.pause - 1)).isEmpty)
        #expect(published(machine.step(.timer(.sync), at: start + OwnTransactions.pause)) == [first, second])
        #expect(published(machine.step(.timer(.sync), at: start + OwnTransactions.pause + 1)).isEmpty)
    }

    @Test("a transaction is forgotten when it waits no longer, and no more than a few are said at once")
    func bounds() {
        var own = OwnTransactions()
        let ids = (0..<200).map { Digest(sha256: [UInt8($0)]) }
        for id in ids { own.note(id, at: 5) }
        for id in ids { own.note(id, at: 6) }
        #expect(own.count == 200)
        let late = 6 + OwnTransactions.pause
        #expect(own.due(at: late, waits: { _ in true }) == Array(ids[0..<64]))
        #expect(own.due(at: late, waits: { _ in true }) == Array(ids[64..<128]))
        #expect(own.due(at: late, waits: { $0 == ids[0] || $0 == ids[199] }) == [ids[199]])
        #expect(own.count == 2)
    }
}
