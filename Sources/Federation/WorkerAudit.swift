internal import Keys
internal import Ledger

/// What one committee member knows about one receipt.
struct WorkerAudit: Sendable {
    let receipt: Receipt
    /// The segments this node re-executes without being asked: its share of all segments, and its own draw.
    let assigned: [UInt32]
    let drawn: [UInt32]
    let proof: VRFProof
    /// Parts under way.
    var running: Set<CheckOrder.Part> = []
    var results: [CheckOrder.Part: CheckResult] = [:]
    /// Height of the last attempt that missed a blob.
    var missingAt: UInt64?

    /// The parts of this node's own share. Segments come in ascending order and before the commitment, because the checkpoint at
    /// the end of one is what the next part starts from: what was just computed need not be fetched.
    var duties: [CheckOrder.Part] {
        Set(assigned + drawn).sorted().map(CheckOrder.Part.segment) + [.commitment]
    }

    /// Segments whose re-execution gave the committed bits, ascending.
    var passedSegments: [UInt32] {
        results.compactMap { part, result in
            if case .segment(let index) = part, result == .passed { index } else { nil }
        }.sorted()
    }

    /// The first fault in the order commitment, then segments ascending.
    var fault: Fault? {
        if case .failed(let fault)? = results[.commitment] { return fault }
        let failed = results.compactMap { part, result -> (segment: UInt32, fault: Fault)? in
            if case .segment(let index) = part, case .failed(let fault) = result { (index, fault) } else { nil }
        }
        return failed.min { $0.segment < $1.segment }?.fault
    }
}
