import Inference
import Proofs

/// Examines as another examiner does, and disputes the answers that stand: for demonstrations.
struct GriefingExaminer: Examiner {
    let other: any Examiner
    let disputes: any Disputes

    func examine(_ exchange: Exchange, _ depth: Examination.Depth) async -> Examination {
        let found = await other.examine(exchange, depth)
        if case .passed = found, exchange.request.request.verification == .fraud {
            _ = await disputes.open(exchange, .transcript)
        }
        return found
    }
}
