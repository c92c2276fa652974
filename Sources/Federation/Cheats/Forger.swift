internal import Keys
package import Ledger
package import Proofs

/// Turns honest work into false work before it is published. Only for demonstrations and tests: a node forges nothing unless a
/// forger is handed to its ``RoundService``.
package protocol Forger: Sendable {
    /// Receives what honest training gave, and returns what the node commits to, publishes and serves instead.
    func forge(_ honest: TrainingProduct, task: TrainingTask, on engine: TrainingEngine) throws -> TrainingProduct
}

/// Turns honest verdicts into false ones, likewise.
package protocol FalseWitness: Sendable {
    /// - Returns: what this verifier sends instead.
    func distort(_ verdict: Verdict) -> Verdict
    /// Whether the node skips the checks and takes everything as right.
    var isBlind: Bool { get }
}

/// The false work a node can be told to do.
package enum Cheat: String, CaseIterable, Sendable {
    /// Trains honestly, then publishes the change turned round and scaled up.
    case signFlip = "sign-flip"
    /// Publishes the update of an earlier round again; in its first round it trains on nothing and sends zeros.
    case stale
    /// Jumps to other parameters in the middle of the training and goes on from there: everything fits but one segment.
    case teleport
    /// Publishes a change that has nothing to do with its checkpoints.
    case forgedOutput = "forged-output"
    /// All of these in turn, a round each.
    case rotating

    package func makeForger() -> any Forger {
        switch self {
        case .signFlip: SignFlip()
        case .stale: Stale()
        case .teleport: Teleport()
        case .forgedOutput: ForgedOutput()
        case .rotating: Rotating()
        }
    }

    /// What `rotating` does in a round.
    package static func turn(in round: UInt32) -> Cheat {
        [.signFlip, .stale, .teleport, .forgedOutput][Int(round % 4)]
    }
}
