import Inference
import Keys
import Ledger
import Proofs
import Simulation
import Store
import Synchronization
import Testing
import Wire

/// One payer and one payee over a real ledger, each with a disk that loses what was not synced.
final class PaymentWorld {
    let bank: TestBank
    private(set) var dice: SeededGenerator
    private(set) var payer: PayerService
    private(set) var till: TillService
    /// Jobs that the payee has acknowledged.
    private(set) var acknowledged: Set<Digest> = []
    private let payerDisk = VirtualDisk()
    private let payeeDisk = VirtualDisk()
    private let door = Door()
    private let clock: any Clock<Duration>
    let disputes = TestDisputes()
    private var prices: [Digest: UInt64] = [:]
    private var nonce: UInt64 = 0

    /// - Parameter clock: the payee's.
    init(seed: UInt64, clock: any Clock<Duration> = ContinuousClock()) throws {
        self.clock = clock
        dice = SeededGenerator(seed: seed)
        bank = try TestBank()
        payer = try Self.payer(bank, door, disputes, payerDisk)
        till = try Self.till(bank, door, payeeDisk, clock)
    }

    private static func payer(
        _ bank: TestBank, _ door: Door, _ disputes: TestDisputes, _ disk: VirtualDisk
    ) throws -> PayerService {
        try PayerService(
            key: accountKey(0), bank: TestTeller(bank: bank, index: 0), creditors: door, examiner: TrustingExaminer(),
            disputes: disputes, disk: disk, logger: quiet)
    }

    private static func till(
        _ bank: TestBank, _ door: Door, _ disk: VirtualDisk, _ clock: any Clock<Duration>
    ) throws -> TillService {
        let kept = try KeptAnswers<Exchange>(on: disk)
        let till = try TillService(
            account: account(1), bank: TestTeller(bank: bank, index: 1), kept: kept, disk: disk, clock: clock,
            logger: quiet)
        door.inside.withLock { $0 = (till, kept) }
        return till
    }

    // MARK: Crashes

    /// The power of a side goes, and comes back: what was not durable is partly gone.
    func restartPayer(losing: Bool = true) throws {
        if losing { payerDisk.crash(using: &dice) }
        payer = try Self.payer(bank, door, disputes, payerDisk)
    }

    func restartPayee(losing: Bool = true) throws {
        if losing { payeeDisk.crash(using: &dice) }
        till = try Self.till(bank, door, payeeDisk, clock)
    }

    private func happens(_ percent: UInt64) -> Bool { dice.next(below: 100) < percent }

    // MARK: Questions

    /// One question, during which either side may lose its power at any write, and any message may be lost.
    func ask() async throws {
        let (payerFails, payeeFails) = (happens(30), happens(30))
        if payerFails { payerDisk.failPower(afterWrites: Int(dice.next(below: 8))) }
        if payeeFails { payeeDisk.failPower(afterWrites: Int(dice.next(below: 12))) }
        nonce += 1
        let asked = exchange(tokens: 8, price: 20_000 + dice.next(below: 3_000_000), nonce: nonce)
        prices[asked.job] = asked.request.request.price(tokens: 8)
        let owes = await converse(about: asked)
        await payer.release(asked.job, owes: owes)
        if payerFails { try restartPayer() } else if happens(10) { try restartPayer(losing: false) }
        if payeeFails { try restartPayee() } else if happens(10) { try restartPayee(losing: false) }
        if happens(20) { try bank.pass(1 + dice.next(below: 4)) }
        if happens(20) { await payer.clearUp() }
        if happens(20) { await till.work() }
        try await checkWhatSurvives()
    }

    /// - Returns: whether the payer has the answer.
    private func converse(about asked: Exchange) async -> Bool {
        let request = asked.request.request
        var owes = false
        do {
            let shown = try await payer.prepare(request)
            check(voucher: shown)
            guard !happens(10) else { return owes }
            let channel = try await till.show(shown)
            if !happens(10) { await payer.acknowledged(shown) }
            try await till.lend(request, channel: channel)
            try door.keep(asked)
            await till.finish(asked)
            guard !happens(10) else { return owes }
            owes = true
            let voucher = try await payer.voucher(for: asked, seeds: prices[asked.job] ?? 0)
            check(voucher: voucher)
            guard !happens(20) else { return owes }
            try await till.take(voucher, for: asked)
            acknowledged.insert(asked.job)
            if !happens(20) { await payer.acknowledged(voucher) }
        } catch is StoreError {
        } catch is DiskError {
        } catch is Refusal {
        } catch { Issue.record("\(error)") }
        return owes
    }

    // MARK: What must hold

    /// No voucher that leaves is above its deposit.
    private func check(voucher bytes: [UInt8]) {
        guard let voucher = try? SignedVoucher(canonicalBytes: bytes).voucher else {
            Issue.record("a voucher that does not decode")
            return
        }
        let deposit = bank.state.channel(voucher.channel)?.deposit ?? .zero
        #expect(voucher.amount <= deposit)
    }

    /// What was acknowledged stays paid, and everything that was signed is the price of jobs, each once.
    func checkWhatSurvives() async throws {
        let (promised, taken) = (await payer.promises, await till.promises)
        for job in acknowledged { #expect(taken.paid[job] != nil, "an acknowledged payment is gone") }
        let signed = promised.lines.values.reduce(0) { $0 + $1.signed.seeds }
        #expect(signed == prices.reduce(0) { promised.paid[$1.key] == nil ? $0 : $0 + $1.value })
        for (channel, line) in taken.lines {
            #expect(line.charged <= line.best.voucher.amount)
            #expect(line.best.voucher.amount <= promised.lines[channel]?.signed ?? .zero)
        }
    }

    /// Everything is up again, and nobody asks any more: what is owed is paid, and what was promised is claimed.
    func end() async throws {
        for _ in 0..<12 {
            try bank.pass(6)
            await payer.clearUp()
            // What was promised before a start is claimed after it, however small.
            try restartPayee(losing: false)
            await till.work()
        }
        try bank.pass(1)
        try await checkWhatSurvives()
        let promised = await payer.promises
        #expect(promised.debts.isEmpty && promised.unacknowledged.isEmpty)
        for (id, line) in promised.lines { #expect(bank.state.channel(id)?.claimed == line.signed) }
    }

    /// The voucher for a finished answer, as its payee takes it.
    func pay(for asked: Exchange) async throws {
        let request = asked.request.request
        let channel = try await till.show(try await payer.prepare(request))
        try await till.lend(request, channel: channel)
        try keep(asked)
        await till.finish(asked)
        let seeds = request.price(tokens: asked.answer.output.count)
        try await till.take(try await payer.voucher(for: asked, seeds: seeds), for: asked)
    }

    /// The provider keeps an answer.
    func keep(_ exchange: Exchange) throws { try door.keep(exchange) }

    var signed: UInt64 { get async { await payer.promises.lines.values.reduce(0) { $0 + $1.signed.seeds } } }
}

/// Every wait is over at once: for a world in which one thing happens after another, so that nothing comes while somebody waits.
struct HurriedClock: Clock {
    var now: ContinuousClock.Instant { ContinuousClock.now }
    var minimumResolution: Duration { .zero }
    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {}
}

/// The provider, for a payer that comes back.
private final class Door: Creditors {
    let inside = Mutex<(till: TillService, kept: KeptAnswers<Exchange>)?>(nil)

    struct Closed: Error {}

    func keep(_ exchange: Exchange) throws { try inside.withLock(\.self)?.kept.keep(exchange) }

    func exchange(of job: Digest, from peer: PeerID) async throws -> Exchange? {
        guard let kept = inside.withLock(\.self)?.kept else { throw Closed() }
        return try kept.record(of: job)
    }

    func keep(_ exchange: Exchange, _ examination: Examination) async -> SignedReceipt? { nil }

    func isConnected(_ peer: PeerID) async -> Bool { true }

    func deliver(_ voucher: [UInt8], to peer: PeerID) async throws {
        guard let till = inside.withLock(\.self)?.till else { throw Closed() }
        _ = try await till.show(voucher)
    }
}

/// Notes what is disputed.
final class TestDisputes: Disputes {
    let opened = Mutex<[Digest]>([])

    /// - Returns: the job, in place of a transaction.
    func open(_ exchange: Exchange, _ fault: InferenceFault) async -> Digest? {
        opened.withLock { $0.append(exchange.job) }
        return exchange.job
    }
}

private struct TrustingExaminer: Examiner {
    func examine(_ exchange: Exchange, _ depth: Examination.Depth) async -> Examination { .passed(depth) }
}
