import API
import Inference
import Keys
import Models
import Proofs

/// A node that was told to answer wrongly: its engines and its conduct, and whom it lets work for it.
struct CheatingProvider: Sendable {
    private let kind: CheatKind
    private let key: SigningKey
    private let outsourcing = Outsourcing()
    private let checksAsItAnswers: Bool
    private let tell: CheatingConduct.Telling

    /// - Parameters:
    ///   - name: one of ``CheatKind``.
    ///   - key: of the node.
    ///   - checksAsItAnswers: audits with its own engines, too.
    init(named name: String, key: SigningKey, checksAsItAnswers: Bool, tell: NodeEvents) throws(Problem) {
        guard let kind = CheatKind(rawValue: name) else {
            throw .invalid("'\(name)' is no way of answering wrongly.", remedy: "See: banyan lab provider --list")
        }
        self.kind = kind
        self.key = key
        self.checksAsItAnswers = checksAsItAnswers
        self.tell = { job, kind in tell(.deceived(.init(request: "\(job)", kind: kind.rawValue))) }
    }

    func engine(_ honest: any Engine, of model: LanguageModel) throws -> any Engine {
        try CheatingEngine(
            kind, honest: honest, whole: model, outsourcing: outsourcing, checksAsItAnswers: checksAsItAnswers,
            tell: tell)
    }

    func conduct(_ honest: [any Engine]) -> any Conduct {
        CheatingConduct(kind, engines: honest, key: key, outsourcing: outsourcing, tell: tell)
    }

    /// Others are asked as this node asks for itself.
    func use(_ ask: AskService, as account: AccountID) {
        outsourcing.use { request in
            let known = Set(await ask.providers().map(\.entry.announcement.account))
            let inquiry = Inquiry(
                choice: ModelChoice(of: request), prompt: request.prompt,
                sampling: request.sampling, verification: .merkle, depth: .receipt, maximumPrice: nil,
                providers: known.subtracting([account]))
            return try await ask.ask(inquiry) { _ in }.exchange
        }
    }
}
