import Inference
import Keys
import Models
import Proofs
import Synchronization
import Testing
import Wire

/// Questions and answers between services over a network in memory.
struct AnsweringTests {
    private func inquiry(_ tokens: UInt32 = 20, temperature: UInt32 = 0, depth: Examination.Depth = .full) -> Inquiry {
        Inquiry(
            choice: FakeEngine.choice, prompt: [5, 6, 7], sampling: sampling(tokens, temperature: temperature),
            depth: depth)
    }

    @Test("a question is answered token by token, with a receipt that stands the full check")
    func answer() async throws {
        let engine = FakeEngine()
        try await Market(engines: [engine]).run { market in
            let record = Record()
            let result = try await market.clients[0].ask(inquiry()) { record.add($0) }
            #expect(result.examination == .passed(.full))
            #expect(result.tokens.count == 20)
            #expect(record.tokens == result.tokens)
            #expect(result.exchange.answer.output == result.tokens)
            #expect(result.provider == market.providerAccount(0))
            #expect(result.attempts == 1)
            #expect(engine.begun == 1)
        }
    }

    @Test("a provider that has lost the file of its model promises nothing until it has it again")
    func lostFile() async throws {
        let engine = FakeEngine()
        try await Market(engines: [engine]).run { market in
            let service = market.providers[0].service
            #expect(await service.offers.count == 1)
            engine.hasFile.withLock { $0 = false }
            #expect(await service.offers.isEmpty)
            await #expect(throws: Refusal.self) { _ = try await service.quote(for: FakeEngine.choice) }
            await #expect(throws: AskFailure.self) { _ = try await market.clients[0].ask(inquiry()) { _ in } }
            #expect(engine.begun == 0)
            engine.hasFile.withLock { $0 = true }
            #expect(await service.offers.count == 1)
            let result = try await market.clients[0].ask(inquiry()) { _ in }
            #expect(result.tokens.count == 20)
        }
    }

    @Test("100 questions in flight at one provider: all are answered, as many at a time as there are slots")
    func manyAtOnce() async throws {
        let engine = FakeEngine()
        try await Market(clients: 4, engines: [engine]).run { market in
            let results = try await withThrowingTaskGroup(of: [UInt32].self) { group in
                for index in 0..<100 {
                    group.addTask {
                        try await market.clients[index % 4].ask(
                            Inquiry(
                                choice: FakeEngine.choice, prompt: [TokenID(index)], sampling: sampling(12),
                                depth: .full)
                        ) { _ in }.tokens
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(results).count == 100 && results.allSatisfy { $0.count == 12 })
            #expect(engine.finished == 100 && engine.most <= 16)
        }
    }

    @Test(
        "a provider that dies in the middle is replaced; the reader sees every token once",
        arguments: [0, 700] as [UInt32])
    func failover(temperature: UInt32) async throws {
        let reached = Signal()
        let victim = Victim()
        // Which of two equals is asked first is drawn: whoever it is dies.
        let engines = (0..<2).map { number in
            FakeEngine { _, index in
                guard index == 9, victim.isFirst(number) else { return }
                reached.set()
                try await Signal.never()
            }
        }
        try await Market(engines: engines).run { market in
            let record = Record()
            let inquiry = Inquiry(
                choice: FakeEngine.choice, prompt: [5, 6, 7], sampling: sampling(20, temperature: temperature),
                depth: .full, providers: [market.providerAccount(0), market.providerAccount(1)])
            async let kill: Void = {
                await reached.wait()
                await record.wait { $0.tokens.count == 9 }
                await market.kill(victim.number)
            }()
            let result = try await market.clients[0].ask(inquiry) { record.add($0) }
            await kill
            #expect(result.attempts == 2)
            #expect(result.provider == market.providerAccount(1 - victim.number))
            #expect(result.tokens.count == 20 && record.tokens == result.tokens)
            #expect(!record.events.contains { if case .retracted = $0 { true } else { false } })
            #expect(result.base == (temperature == 0 ? 0 : 9))
            #expect(result.exchange.answer.output == Array(result.tokens.dropFirst(result.base)))
            #expect(result.examination == .passed(.full))
        }
    }

    @Test("a provider that samples something else is accused, its answer taken back, and the next one's stands")
    func liar() async throws {
        let liar = FakeEngine(distort: { $0 == 4 ? $1 ^ 1 : $1 })
        let settlement = TestSettlement()
        try await Market(engines: [liar, FakeEngine()], settlement: settlement).run { market in
            let liar = market.providerAccount(0)
            var record = Record()
            var result: AskResult
            repeat {
                record = Record()
                let current = record
                result = try await market.clients[0].ask(inquiry()) { current.add($0) }
            } while result.attempts == 1
            #expect(result.provider == market.providerAccount(1))
            #expect(record.tokens == result.tokens && result.examination == .passed(.full))
            #expect(record.events.contains(.retracted(from: 4)))
            #expect(settlement.accused == [liar])
        }
    }

    @Test("who stops asking stops the provider, and its slot is free again")
    func cancel() async throws {
        let (begun, ended) = (Signal(), Signal())
        let engine = FakeEngine { _, index in
            guard index == 3 else { return }
            begun.set()
            do { try await Signal.never() } catch {
                ended.set()
                throw error
            }
        }
        try await Market(engines: [engine]).run { market in
            let asking = Task { try await market.clients[0].ask(inquiry()) { _ in } }
            await begun.wait()
            asking.cancel()
            await ended.wait()
            await #expect(throws: (any Error).self) { try await asking.value }
            #expect(engine.running == 0 && engine.finished == 0)
        }
    }

    @Test("a reader who is slow holds the engine back: never more is computed ahead than the queue takes")
    func backPressure() async throws {
        let engine = FakeEngine()
        let order = GenerationOrder(request: request(tokens: 500), seed: digest(1))
        let queue = TokenQueue(limit: 16)
        async let product = {
            defer { queue.finish() }
            return try await engine.generate(order, into: queue)
        }()
        var tokens: [TokenID] = []
        while let more = await queue.next() {
            #expect(more.count <= 16)
            tokens += more
        }
        let output = try await product.answer.output
        #expect(output == tokens && tokens.count == 500)
    }

    @Test("a node asks its own model in the same words as everybody else")
    func loopback() async throws {
        let engine = FakeEngine()
        try await Market(engines: [engine]).run { market in
            let provider = market.providers[0]
            let asker = AskService(
                account: account(1), key: key(1), swarm: provider.swarm, registry: TestRegistry(),
                examiner: FakeExaminer(), local: provider.service, settings: Market.patient, time: { testTime },
                logger: quiet)
            _ = await asker.hear(market.announcement(0).canonicalBytes)
            let record = Record()
            let result = try await asker.ask(inquiry()) { record.add($0) }
            #expect(result.provider == account(1) && result.examination == .passed(.full))
            #expect(record.tokens == result.tokens && result.tokens.count == 20)
        }
    }

    @Test("a question for no provider at all, or for one that is not there, is asked of nobody else")
    func nobody() async throws {
        try await Market(engines: [FakeEngine()]).run { market in
            for named: Set<AccountID> in [[], [account(77)]] {
                let inquiry = Inquiry(choice: FakeEngine.choice, prompt: [1], sampling: sampling(10), providers: named)
                await #expect(throws: AskFailure.notOffered(FakeEngine.choice, by: named)) {
                    try await market.clients[0].ask(inquiry) { _ in }
                }
            }
        }
    }

    @Test("more than the maximum price is never offered, nor asked for by surprise")
    func price() async throws {
        let settlement = TestSettlement()
        try await Market(engines: [FakeEngine()], price: 5, settlement: settlement, till: settlement).run { market in
            func ask(_ maximum: UInt64) async throws -> AskResult {
                try await market.clients[0].ask(
                    Inquiry(choice: FakeEngine.choice, prompt: [1], sampling: sampling(10), maximumPrice: maximum)
                ) { _ in }
            }
            await #expect(throws: AskFailure.noProvider(.tooExpensive(cheapest: 50, maximum: 49))) {
                try await ask(49)
            }
            let result = try await ask(50)
            #expect(result.price == 50)
            #expect(settlement.charges == [result.exchange.request.request.id: 50])
        }
    }
}

/// The provider that dies: the first that gets so far.
private final class Victim: Sendable {
    private let first = Mutex<Int?>(nil)

    var number: Int { first.withLock { $0 ?? 0 } }

    func isFirst(_ number: Int) -> Bool {
        first.withLock { first in
            if first == nil { first = number }
            return first == number
        }
    }
}
