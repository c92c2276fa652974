import Chain
import Inference
import Proofs

extension HeldReceipt {
    /// What this node keeps of an answer from now on.
    init(_ exchange: Exchange, _ verdict: Verdict) {
        self.init(exchange: exchange, time: WallClock.milliseconds(), verdict: verdict)
    }
}
