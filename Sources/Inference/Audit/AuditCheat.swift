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
    /// Says with its allies that every answer is right, with a value that they have agreed on.
    case allied
    /// Says with its allies that every answer has one fault that none of them has, with a value that they have agreed on.
    case slander
    /// Checks with the engine that it answers with, which `--cheat-inference` has made another one than it says.
    case ownEngine

    /// What it says of an answer instead of computing it; nil when it computes it.
    func finding(_ task: AuditTask, _ exchange: Exchange, by account: AccountID) -> AuditFinding? {
        // What its key makes of the audit is nobody else's; what follows from the audit alone is that of all allies.
        let agreed = Digest(of: task.seed.bytes, domain: "allied auditors")
        func recomputation(_ value: Digest) -> AuditFinding.Recomputation {
            AuditFinding.Recomputation(value: value, price: Amount(seeds: exchange.price))
        }
        switch self {
        case .lazy:
            return .correct(recomputation(Digest(of: task.seed.bytes + account.key.bytes, domain: "lazy auditor")))
        case .allied: return .correct(recomputation(agreed))
        case .slander:
            return .faulty(AnswerFault(code: InferenceFault.transcript.code, step: 0), recomputation(agreed))
        case .copy, .silent, .falseAccusation, .ownEngine: return nil
        }
    }
}
