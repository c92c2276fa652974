package import Keys
package import Ledger

extension JobView {
    /// Rounds back to which copied work is recognised as such; older copies fail as what they are, work on another model.
    private static let historyDepth: UInt32 = 256

    /// The open jobs by ascending id, and those of `followed` that are over.
    package static func all(in state: State, following followed: [Digest] = []) -> [JobView] {
        let open = state.openJobs
        let over = followed.filter { !open.contains($0) }
        return (open + over).compactMap { JobView(of: $0, in: state) }
    }

    /// - Returns: nil when the ledger knows no such job.
    package init?(of id: Digest, in state: State) {
        guard let record = state.job(id) else { return nil }
        self.init(job: id, specification: record.job.specification, model: record.model)
        trainers = record.trainers
        round = record.round
        settledRounds = record.phase == .finished ? record.round + 1 : record.round
        phase =
            switch record.phase {
            case .gathering: .waiting
            case .training: .training
            case .auditing: .auditing
            case .aggregating: .aggregating
            case .finished, .failed: .finished
            }
        (seed, auditSeed, deadline) = (record.seed, record.auditSeed, record.deadline)
        receipts = record.receipts
        committees = zip(record.receipts, record.juries).map { receipt, jury in
            Committee(worker: jury.worker, receipt: receipt.id, members: jury.members.map(\.account))
        }
        decided = Set(record.juries.filter { $0.outcome != nil }.map(\.worker))
        accepted = record.accepted
        aggregates = Dictionary(record.votes.map { ($0.account, $0.digest) }) { first, _ in first }
        residuals = Dictionary(record.residuals.map { ($0.account, $0.digest) }) { first, _ in first }
        guard phase == .auditing else { return }
        ballots = committees.flatMap { committee in
            committee.members.compactMap { member in
                state.verdict(job: id, worker: committee.worker, by: member).map { Ballot(member: member, verdict: $0) }
            }
        }
        let first = record.round > Self.historyDepth ? record.round - Self.historyDepth : 0
        for past in first..<record.round {
            earlier.formUnion(state.history(job: id, round: past)?.digests ?? [])
        }
    }
}
