import Inference
import Keys
import Proofs
import Synchronization
import Wire

/// Something that happens once; others wait for it.
final class Signal: Sendable {
    private let state = Mutex<(isSet: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    var isSet: Bool { state.withLock(\.isSet) }

    func set() {
        let waiting = state.withLock { state in
            state.isSet = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isSet = state.withLock { state in
                if !state.isSet { state.waiting.append(continuation) }
                return state.isSet
            }
            if isSet { continuation.resume() }
        }
    }

    /// Waits until the task is cancelled.
    static func never() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        for await _ in stream {}
        withExtendedLifetime(continuation) {}
        throw CancellationError()
    }
}

final class Most: Sendable {
    private let state = Mutex(-1)
    var value: Int { state.withLock(\.self) }
    func note(_ value: Int) { state.withLock { $0 = max($0, value) } }
}

/// Both ends of payments: what was charged for which job, and who was accused.
final class TestSettlement: Settlement, Till {
    private struct State {
        var charges: [Digest: UInt64] = [:]
        var doubles = 0
        var accused: [AccountID] = []
        var prepared: [Digest: UInt64] = [:]
        var lent: Set<Digest> = []
    }

    private static let introduction: [UInt8] = [1]
    private let state = Mutex(State())

    var charges: [Digest: UInt64] { state.withLock(\.charges) }
    /// Payments for what was paid before.
    var doubles: Int { state.withLock(\.doubles) }
    var accused: [AccountID] { state.withLock(\.accused) }
    /// Jobs that could still be paid, with the most that they may cost.
    var prepared: [Digest: UInt64] { state.withLock(\.prepared) }
    /// Jobs that a provider still waits to be paid for.
    var lent: Set<Digest> { state.withLock(\.lent) }

    func prepare(_ request: InferenceRequest) async throws -> [UInt8] {
        state.withLock { $0.prepared[request.id] = request.maximumPrice }
        return Self.introduction
    }

    func voucher(for exchange: Exchange, seeds: UInt64) async throws -> [UInt8] {
        exchange.job.bytes + seeds.canonicalBytes
    }
    func acknowledged(_ voucher: [UInt8]) async {}
    func release(_ job: Digest, owes: Bool) async { state.withLock { $0.prepared[job] = nil } }

    func accuse(_ exchange: Exchange, _ fault: InferenceFault) async -> Digest? {
        state.withLock { $0.accused.append(exchange.request.request.provider) }
        return exchange.job
    }

    func show(_ voucher: [UInt8]) async throws(Refusal) -> Digest {
        guard voucher == Self.introduction else { throw Refusal(.badRequest, "no introduction") }
        return .zero
    }

    func lend(_ request: InferenceRequest, channel: Digest?) async throws(Refusal) {
        guard request.pricePerToken == 0 || channel == .zero else { throw Refusal(.unpayable, "no channel") }
        state.withLock { _ = $0.lent.insert(request.id) }
    }

    func finish(_ exchange: Exchange) async {}
    func release(_ job: Digest) async { state.withLock { _ = $0.lent.remove(job) } }

    func take(_ voucher: [UInt8], for exchange: Exchange) async throws(Refusal) {
        let seeds = exchange.price
        guard voucher == exchange.job.bytes + seeds.canonicalBytes else { throw Refusal(.unpayable, "short") }
        state.withLock { state in
            state.lent.remove(exchange.job)
            if state.charges.updateValue(seeds, forKey: exchange.job) != nil { state.doubles += 1 }
        }
    }
}
