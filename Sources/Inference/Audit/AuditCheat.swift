internal import Keys
internal import Ledger
internal import Proofs

/// Ways to be a bad auditor, each in a node of its own: for demonstrations and tests of the rules against them.
package enum AuditCheat: String, CaseIterable, Sendable {
    /// Says that every answer is right, with a value that it has made up.
    case lazy
    /// Commits to what another member has committed to.
    case copy
    /// Commits, and never reveals.
    case silent
    /// Accuses right answers.
    case falseAccusation

    /// What it says of an answer instead of computing it; nil when it computes it.
    func finding(_ task: AuditTask, _ exchange: Exchange) -> AuditFinding? {
        guard self == .lazy else { return nil }
        let value = Digest(of: task.seed.bytes, domain: "lazy auditor")
        return .correct(AuditFinding.Recomputation(value: value, price: Amount(seeds: exchange.price)))
    }
}
