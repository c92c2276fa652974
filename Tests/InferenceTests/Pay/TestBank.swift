import Inference
import Keys
import Ledger
import Models
import Proofs
import Synchronization
import Testing
import Wire

/// A real ledger whose blocks hold one transaction each, with the accounts of clients and providers.
final class TestBank: Sendable {
    static let balance = Amount(fig: 1_000)!
    static let stake = Amount(fig: 200)!

    private struct Content {
        var state: State
        var height: UInt64 = 0
        var watchers: [AsyncStream<UInt64>.Continuation] = []
        var failures: [String] = []
        /// Transactions that are handed over and never come into a block.
        var losses = 0
        /// Whether the next transaction waits until it is let go, and the one that does.
        var holdsNext = false
        var held: Transaction?
    }

    private let content: Mutex<Content>

    /// - Parameter accounts: nodes `0..<accounts`; each has a balance, a stake and its node key.
    init(accounts: UInt64 = 3, balance: Amount = TestBank.balance, _ change: (inout Parameters) -> Void = { _ in })
        throws
    {
        var parameters = Parameters()
        parameters.validatorStake = Amount(fig: 100)!
        parameters.channelChallengeBlocks = 100
        parameters.answers.auditShare = 10_000
        change(&parameters)
        let holders = (0..<accounts).map { index in
            Genesis.Holder(
                account: InferenceTests.account(index), balance: balance, stake: Self.stake, node: certificate(index))
        }
        let genesis = Genesis(name: "test", time: testTime, parameters: parameters, holders: holders)
        content = Mutex(Content(state: try State(genesis: genesis)))
    }

    var state: State { content.withLock(\.state) }
    var height: UInt64 { content.withLock(\.height) }
    /// Why transactions failed.
    var failures: [String] { content.withLock(\.failures) }

    func lose(_ count: Int) { content.withLock { $0.losses = count } }

    /// The next transaction waits for its block until ``release()``.
    func hold() { content.withLock { $0.holdsNext = true } }
    func waits(_ transaction: Digest) -> Bool { content.withLock { $0.held?.id == transaction } }
    func release() throws {
        let held = content.withLock { $0.held.take() }
        try block(held.map { [$0] } ?? [])
    }

    /// Empty blocks.
    func pass(_ blocks: UInt64) throws { for _ in 0..<blocks { try block([]) } }

    private func block(_ transactions: [Transaction]) throws {
        try content.withLock { content in
            content.height += 1
            let height = content.height
            let outcome = try content.state.apply(
                transactions,
                in: BlockContext(
                    height: height, time: testTime + height, proposer: InferenceTests.account(2),
                    beacon: Digest(of: height.canonicalBytes, domain: "test beacon")))
            content.failures += outcome.results.compactMap(\.failure)
            #expect(content.state.supply.isConserved)
            content.watchers.removeAll { if case .terminated = $0.yield(height) { true } else { false } }
        }
    }

    fileprivate func watch() -> AsyncStream<UInt64> {
        let (stream, continuation) = AsyncStream.makeStream(of: UInt64.self, bufferingPolicy: .bufferingNewest(1))
        content.withLock { $0.watchers.append(continuation) }
        return stream
    }

    fileprivate func sign(_ operation: Operation, by index: UInt64) -> Transaction {
        let key = operation.isWork ? key(index) : accountKey(index)
        return content.withLock { content in
            Transaction.sign(
                operation, chain: content.state.chain, sender: account(index),
                nonce: content.state.nextNonce(of: key.publicKey), fee: content.state.parameters.minimumFee, with: key)
        }
    }

    fileprivate func hand(over transaction: Transaction) throws {
        let isLost = content.withLock { content in
            if content.holdsNext {
                (content.holdsNext, content.held) = (false, transaction)
                return true
            }
            guard content.losses > 0 else { return false }
            content.losses -= 1
            return true
        }
        try block(isLost ? [] : [transaction])
    }
}

/// One account's way to the ledger.
struct TestTeller: Bank {
    let bank: TestBank
    let index: UInt64

    func waits(_ transaction: Digest) async -> Bool { bank.waits(transaction) }
    func state() async -> (State, height: UInt64) { (bank.state, bank.height) }
    func blocks() async -> AsyncStream<UInt64> { bank.watch() }

    func submit(_ operation: Operation, noting: @Sendable (Digest) async throws -> Void) async throws -> Digest {
        let transaction = bank.sign(operation, by: index)
        try await noting(transaction.id)
        try bank.hand(over: transaction)
        return transaction.id
    }
}

/// An answer of a provider to a client, without a model.
func exchange(
    client: UInt64 = 0, provider: UInt64 = 1, tokens: UInt32 = 8, price: UInt64, nonce: UInt64,
    verification: VerificationMode = .merkle
) -> Exchange {
    let asked = request(
        client: client, provider: provider, tokens: tokens, verification: verification, price: price, nonce: nonce)
    let seed = InferenceSeed(job: asked.id, by: key(provider))
    let answer = Answer(output: Array(repeating: 7, count: Int(tokens)), stop: .length)!
    return Exchange(
        request: SignedRequest(asked, by: key(client)), answer: answer,
        receipt: .sign(
            .answer(answer, to: asked, transcript: digest(5), seed: seed.value), seedProof: seed.proof,
            with: key(provider)))
}
