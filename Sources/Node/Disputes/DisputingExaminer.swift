import Inference
import Proofs

/// Examines as another examiner does, and disputes the answers that were asked for with a window for disputes and do not stand.
struct DisputingExaminer: Examiner {
    let other: any Examiner
    let disputes: DisputeService
    /// Disputes what stands, too.
    let isGriefing: Bool

    func examine(_ exchange: Exchange, _ depth: Examination.Depth) async -> Examination {
        let found = await other.examine(exchange, depth)
        guard exchange.request.request.verification == .fraud else { return found }
        switch found {
        case .failed(let fault) where fault.blamesProvider: await disputes.open(exchange, fault)
        case .passed where isGriefing: await disputes.open(exchange, .transcript)
        case .failed, .passed, .withheld, .impossible: break
        }
        return found
    }
}
