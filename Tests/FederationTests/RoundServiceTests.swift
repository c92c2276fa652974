import Federation
import Keys
import Ledger
import Logging
import Proofs
import Synchronization
import Testing
import Wire

/// One ledger for several services: every operation makes a block, at once.
private final class Registry: Sendable {
    private struct Content {
        var state: State
        var height: UInt64 = 1
        var readers: [AsyncStream<UInt64>.Continuation] = []
        var outcomes: [UpdateOutcome] = []
    }

    private let content: Mutex<Content>

    init(_ state: State) { content = Mutex(Content(state: state)) }

    /// - Throws: when the ledger refuses the transaction.
    @discardableResult
    func apply(_ operation: Operation, of account: AccountID, with key: SigningKey) throws -> Digest {
        try content.withLock { content in
            let transaction = Transaction.sign(
                operation, chain: content.state.chain, sender: account,
                nonce: content.state.nextNonce(of: key.publicKey), fee: Amount(seeds: 1_000), with: key)
            let context = BlockContext(
                height: content.height, time: 1_000_000 + content.height, proposer: account,
                beacon: Digest(of: content.height.canonicalBytes, domain: "beacon"))
            let outcome = try content.state.apply([transaction], in: context)
            for case .updateDecided(_, _, _, let decided) in outcome.events { content.outcomes.append(decided) }
            content.height += 1
            for reader in content.readers { reader.yield(content.height - 1) }
            return transaction.id
        }
    }

    func jobs(following followed: [Digest]) -> (UInt64, [JobView]) {
        content.withLock { ($0.height - 1, JobView.all(in: $0.state, following: followed)) }
    }

    func blocks() -> AsyncStream<UInt64> {
        let (stream, continuation) = AsyncStream.makeStream(of: UInt64.self, bufferingPolicy: .bufferingNewest(1))
        content.withLock { $0.readers.append(continuation) }
        return stream
    }

    var state: State { content.withLock(\.state) }
    var outcomes: [UpdateOutcome] { content.withLock(\.outcomes) }
}

private struct Desk: Rounds {
    let registry: Registry
    let account: AccountID
    let key: SigningKey

    func jobs(following followed: [Digest]) async -> (height: UInt64, jobs: [JobView]) {
        registry.jobs(following: followed)
    }
    func submit(_ operation: Operation) async throws { try registry.apply(operation, of: account, with: key) }
    func blocks() async -> AsyncStream<UInt64> { registry.blocks() }
}

@Suite struct RoundServiceTests {
    @Test(
        "five services train a job together; the cheat of one is rejected; all end with the same model",
        .timeLimit(.minutes(2)))
    func five() async throws {
        let small = SmallJob(seed: 3)
        let net = BlobNet(seed: 3, loss: 0)
        let holders = (0..<5).map { index in
            Genesis.Holder(
                account: SmallJob.account(index), balance: Amount(fig: 1_000)!, stake: Amount(fig: 1_000)!,
                node: NodeCertificate.issue(
                    by: SmallJob.key(index), for: SmallJob.key(index + 100).publicKey, issued: 1_000))
        }
        let registry = Registry(
            try State(genesis: Genesis(name: "desk", time: 1_000_000, parameters: Parameters(), holders: holders)))
        small.publish(on: net, at: SmallJob.account(0))
        // Left by a node that was killed in a round which is over now.
        let former = RoundID(job: .zero, round: 7, seed: .zero)
        let left = net.put([1, 2, 3], at: SmallJob.account(2))
        net.lease([left], to: former, at: SmallJob.account(2))
        let posted = TrainingJob(
            model: small.modelDigest, specification: small.specificationDigest, budget: Amount(fig: 100)!, rounds: 3,
            trainers: 5, committee: 4, minimumStake: Amount(fig: 900)!, trainWindow: 1000, auditWindow: 1000,
            aggregateWindow: 1000)
        let job = try registry.apply(.postJob(posted), of: SmallJob.account(0), with: SmallJob.key(0))
        let models = try await withThrowingTaskGroup(of: Digest?.self) { group in
            for index in 0..<5 {
                let (account, key) = (SmallJob.account(index), SmallJob.key(index + 100))
                let service = RoundService(
                    account: account, key: key, rounds: Desk(registry: registry, account: account, key: key),
                    blobs: NodeBlobs(net: net, account: account), data: small,
                    forger: index == 4 ? Cheat.rotating.makeForger() : nil, logger: Logger(label: "test"))
                let events = await service.events()
                group.addTask {
                    try await service.run()
                    return nil
                }
                group.addTask {
                    for await event in events {
                        if case .evaluated(_, rounds: 3, let model, _, _) = event { return model }
                    }
                    return nil
                }
                try registry.apply(.joinJob(job), of: account, with: key)
            }
            var models: [Digest] = []
            while models.count < 5, let next = try await group.next() { if let next { models.append(next) } }
            group.cancelAll()
            return models
        }
        let record = try #require(registry.state.job(job))
        #expect(record.phase == .finished && models == Array(repeating: record.model, count: 5))
        #expect(registry.outcomes.filter { $0 == .accepted }.count == 12)
        #expect(!net.has(left, at: SmallJob.account(2)))
        #expect(net.leased(at: SmallJob.account(2)).isDisjoint(with: [former]))
        #expect(registry.outcomes.count == 15)
        #expect(registry.state.supply.isConserved)
    }
}
