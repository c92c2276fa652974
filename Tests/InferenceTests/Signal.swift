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
    private let state = Mutex<(charges: [Digest: UInt64], doubles: Int, accused: [AccountID])>(([:], 0, []))

    var charges: [Digest: UInt64] { state.withLock(\.charges) }
    /// Payments for what was paid before.
    var doubles: Int { state.withLock(\.doubles) }
    var accused: [AccountID] { state.withLock(\.accused) }

    func prepare(_ provider: AccountID, upTo seeds: UInt64) async throws {}
    func voucher(for exchange: Exchange, seeds: UInt64) async throws -> [UInt8] {
        exchange.request.request.id.bytes + seeds.canonicalBytes
    }
    func accuse(_ exchange: Exchange, _ fault: InferenceFault) async {
        state.withLock { $0.accused.append(exchange.request.request.provider) }
    }

    func canPay(_ client: AccountID, _ seeds: UInt64) async -> Bool { true }

    struct Short: Error {}

    func take(_ voucher: [UInt8], for exchange: Exchange, seeds: UInt64) async throws {
        guard voucher == exchange.request.request.id.bytes + seeds.canonicalBytes else { throw Short() }
        state.withLock { state in
            if state.charges.updateValue(seeds, forKey: exchange.request.request.id) != nil { state.doubles += 1 }
        }
    }
}
