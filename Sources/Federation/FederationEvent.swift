package import Keys
package import Ledger

/// What a node does in a round, as it happens, for people and logs. Nothing decides by these.
package enum FederationEvent: Hashable, Sendable {
    case modelFetched(job: Digest, model: Digest)
    case trainingStarted(RoundID)
    /// Optimiser steps done of all steps of the round.
    case trainingProgress(RoundID, done: Int, total: Int)
    case trainingFinished(RoundID, receipt: Digest)
    case trainingFailed(RoundID, reason: String)
    /// This node is in the committee of `worker`; `segments` is its share of the re-execution.
    case auditStarted(RoundID, worker: AccountID, segments: [UInt32], of: Int)
    case segmentReexecuted(RoundID, worker: AccountID, segment: UInt32, equal: Bool)
    case faultFound(RoundID, worker: AccountID, Fault)
    case auditPassed(RoundID, worker: AccountID, reexecuted: [UInt32])
    case aggregated(RoundID, model: Digest, updates: Int)
    /// `rounds` rounds have made this model; it names `correct` of `total` test samples rightly.
    case evaluated(job: Digest, rounds: UInt32, model: Digest, correct: Int, total: Int)
    /// A piece of work could not be done; the node tries again with a later block.
    case troubled(RoundID, reason: String)
}

extension Fault {
    /// The reason in words, e.g. "checkpoint 3→4 re-executed, bits differ".
    package var explanation: String {
        switch self {
        case .segment(let index): "checkpoint \(index)→\(UInt64(index) + 1) re-executed, bits differ"
        case .base: "the first checkpoint is not the model of the round"
        case .output: "the published update does not follow from the last checkpoint"
        case .residual: "the residual does not follow from the last checkpoint"
        case .duplicate: "the update is a copy of another one"
        case .unavailable: "the checkpoints could not be fetched from anyone"
        case .malformed: "the update does not match its receipt"
        }
    }
}
