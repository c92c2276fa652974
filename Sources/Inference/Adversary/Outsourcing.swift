internal import Keys
package import Proofs
internal import Synchronization

/// Has others answer what this node was asked, and remembers their receipts.
package final class Outsourcing: Sendable {
    /// Asks another provider the same.
    package typealias Asking = @Sendable (InferenceRequest) async throws -> Exchange

    private struct State {
        var ask: Asking?
        var receipts: [Digest: SignedReceipt] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// Says how others are asked: the part of a node that asks is made after the one that answers.
    package func use(_ ask: @escaping Asking) { state.withLock { $0.ask = ask } }

    func answer(to request: InferenceRequest) async throws -> Answer {
        guard let ask = state.withLock(\.ask) else {
            throw Refusal(.failed, "There is nobody to answer for this node.")
        }
        let exchange = try await ask(request)
        state.withLock { $0.receipts[request.id] = exchange.receipt }
        return exchange.answer
    }

    /// The receipt of whoever answered in place of this node, given once.
    func takeReceipt(for job: Digest) -> SignedReceipt? { state.withLock { $0.receipts.removeValue(forKey: job) } }
}
