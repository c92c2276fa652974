import Keys
import Ledger
import Testing
import Wire

extension TestLedger {
    /// What an answer of the tests costs.
    static let price = Amount(fig: 1)!
    /// What everybody finds who recomputes an answer.
    static let recomputation = AuditFinding.Recomputation(value: Digest(sha256: [1]), price: price)
    static let otherValue = AuditFinding.Recomputation(value: Digest(sha256: [2]), price: price)

    /// A ledger on which the accounts but the last audit answers. Account 1 provides, account 6 asks.
    /// - Parameter share: the chance of an audit by lot, in basis points.
    static func answering(
        share: UInt32 = 10_000, auditors: Range<Int> = 0..<6, _ change: (inout AnswerParameters) -> Void = { _ in }
    ) throws -> TestLedger {
        var ledger = try TestLedger {
            $0.answers.auditShare = share
            $0.answers.window = 30
            $0.answers.commitWindow = 5
            $0.answers.revealWindow = 4
            $0.answers.committee = 3
            $0.answers.appealWindow = 12
            $0.answers.pleaWindow = 2
            $0.answers.convictionWindow = 6
            change(&$0.answers)
        }
        try ledger.block(auditors.map { ($0, .volunteer(true)) })
        return ledger
    }

    func receipt(
        by provider: Int = 1, job: UInt64 = 0, output: UInt8 = 0, round: UInt32 = 0, key: SigningKey? = nil
    ) -> SignedReceipt {
        let job = Digest(of: job.canonicalBytes, domain: "test request")
        let key = key ?? nodes[provider]
        let receipt = Receipt(
            job: job, round: round, worker: id(provider), input: .zero, code: .zero, seed: .zero, checkpoints: .zero,
            count: 9, output: Digest(sha256: [output]), residual: .zero)
        return .sign(receipt, seedProof: Self.proof, with: key)
    }

    /// The ledger compares no seeds: one proof serves all of them.
    private static let proof = key("node", 1).prove(alpha: [])

    func answer(
        by provider: Int = 1, job: UInt64 = 0, output: UInt8 = 0, payment: Amount = price, key: SigningKey? = nil
    ) -> AnswerRecord {
        AnswerRecord(
            signed: receipt(by: provider, job: job, output: output, key: key), client: id(6), payment: payment)
    }

    /// The answer to a job of ``answer(by:job:output:payment:key:)``.
    func open(_ job: UInt64 = 0, by provider: Int = 1) -> OpenAnswer? {
        guard case .open(let open) = state.answer(receipt(by: provider, job: job).answer) else { return nil }
        return open
    }

    /// How it was closed, or is about to be unless somebody appeals.
    func outcome(_ job: UInt64 = 0, by provider: Int = 1) -> AnswerOutcome? {
        switch state.answer(receipt(by: provider, job: job).answer) {
        case .closed(let outcome): outcome
        case .open(let open): open.appeal != nil ? .correct : open.conviction != nil ? .faulty : nil
        case nil: nil
        }
    }

    /// The committee of a running audit.
    func committee(_ job: UInt64 = 0) -> [Int] { open(job)?.audit?.seats.map { index($0.account) } ?? [] }

    func reveal(_ finding: AuditFinding, by member: Int, job: UInt64 = 0) -> AuditReveal {
        AuditReveal(answer: receipt(job: job).answer, finding: finding, salt: Digest(sha256: [UInt8(member), 7]))
    }

    func commitment(_ finding: AuditFinding, by member: Int, job: UInt64 = 0) -> AuditCommitment {
        AuditCommitment(
            answer: receipt(job: job).answer, digest: reveal(finding, by: member, job: job).commitment(of: id(member)))
    }

    /// All of the committee commit and reveal; nil for a member that never speaks. Ends when the audit does.
    /// - Parameters:
    ///   - pleads: to end when what the members found speaks against the answer, before it is punished.
    ///   - appeals: to end when the answer was found wrong, before its provider's time to appeal is over.
    mutating func audit(
        job: UInt64 = 0, pleads: Bool = false, appeals: Bool = false, _ finding: (_ seat: Int) -> AuditFinding?
    ) throws {
        let members = committee(job)
        let spoken = members.enumerated().compactMap { seat, member in finding(seat).map { (member, $0) } }
        let commits = try block(spoken.map { ($0.0, .auditCommit(commitment($0.1, by: $0.0, job: job))) })
        #expect(commits.results.allSatisfy { $0.failure == nil })
        if spoken.count < members.count, let end = open(job)?.audit?.commitEnd { try skip(to: end) }
        let reveals = try block(spoken.map { ($0.0, .auditReveal(reveal($0.1, by: $0.0, job: job))) })
        #expect(reveals.results.allSatisfy { $0.failure == nil })
        if !pleads, let audit = open(job)?.audit, audit.phase == .pleading { try skip(to: audit.pleaEnd) }
        if !appeals, let conviction = open(job)?.conviction { try skip(to: conviction.end) }
    }
}
