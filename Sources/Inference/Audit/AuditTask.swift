package import Keys
package import Ledger
package import Proofs

/// One audit that this node has a seat in.
package struct AuditTask: Hashable, Sendable {
    package let answer: AnswerRecord
    package let accuser: AccountID?
    /// Of the audit: names it, and says which value to show.
    package let seed: Digest

    package init(answer: AnswerRecord, accuser: AccountID?, seed: Digest) {
        self.answer = answer
        self.accuser = accuser
        self.seed = seed
    }
}

/// What a member made of an answer that it was shown.
package struct AuditCheck: Hashable, Sendable {
    package let task: AuditTask
    /// As it was shown, under the receipt that the ledger has.
    package let exchange: Exchange
    /// Nil: the answer is right.
    package let fault: InferenceFault?
    /// Positions that were computed again.
    package let positions: Int
    package let time: Duration
}

extension AuditFinding {
    /// What a check says, in the ledger's words.
    /// - Returns: nil when the verifier was unable to judge.
    package init?(_ finding: AnswerVerifier.Finding, of exchange: Exchange) {
        guard let value = finding.witness else { return nil }
        let recomputation = Recomputation(value: value, price: Amount(seeds: exchange.price))
        switch finding.outcome {
        case .correct: self = .correct(recomputation)
        case .faulty(let fault): self = .faulty(AnswerFault(code: fault.code, step: fault.place), recomputation)
        case .unable: return nil
        }
    }
}
