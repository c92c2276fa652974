import Inference
import Keys
import Proofs

/// Examines as another examiner does, and keeps what does not stand: a committee is shown it by this node, and an appeal needs it.
struct KeepingExaminer: Examiner {
    let other: any Examiner
    let receipts: KeptAnswers<HeldReceipt>

    func examine(_ exchange: Exchange, _ depth: Examination.Depth) async -> Examination {
        let found = await other.examine(exchange, depth)
        if case .failed(let fault) = found, fault.blamesProvider {
            // Without a disk the fault is a fault all the same.
            try? receipts.keep(HeldReceipt(exchange, .wrong))
        }
        return found
    }
}
