import Proofs

/// The ways in which a node can be told to play disputes wrongly, for demonstrations and tests: each loses them.
package enum DisputeCheat: String, CaseIterable, Sendable {
    /// Never moves.
    case silent
    /// Shows logits that would choose the token it has answered, and for all else what its own model computes.
    case lying
    /// Disputes every answer it gets, whatever a check says, and points at numbers that are right.
    case griefing
    /// Appeals against every committee that confirms an answer of its own, and points at numbers that are right; as a provider against every committee
    /// that finds its answer wrong, whatever its own check says.
    case appealing

    /// What it makes of the move that an honest player would make in its place.
    func play(_ honest: DisputeMove?, in dispute: DisputeMachine) -> DisputeMove? {
        switch self {
        case .silent: return nil
        case .lying:
            guard case .showHead(let step) = dispute.phase, case .head(let head) = honest else { return honest }
            var logits = head.logits
            logits[Int(dispute.statement.output[step])] = (logits.max() ?? 0) + 1_000
            return .head(HeadTrace(state: head.state, proof: head.proof, logits: logits))
        case .griefing, .appealing:
            guard dispute.turn == .challenger, honest == nil else { return honest }
            return switch dispute.phase {
            case .nameFault: .claim(.transcript)
            case .pointAtNode, .pointAtBoundary: .right
            case .pointAtElement: .element(.down, 3)
            default: .agree
            }
        }
    }
}
