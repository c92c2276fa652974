package import Keys
package import Ledger

/// What the ledger says about one job after one block: all that a node needs to know what to do next.
///
/// The machine is driven by these values and not by single events, so a node that restarts, joins late or misses an event is in
/// the same place as everybody else after the next block.
package struct JobView: Hashable, Sendable {
    package enum Phase: Hashable, Sendable {
        /// Waiting for trainers or for the next round to open.
        case waiting
        case training
        case auditing
        case aggregating
        case finished
    }

    /// A member's current verdict.
    package struct Ballot: Hashable, Sendable {
        package let member: AccountID
        package let verdict: Verdict

        package init(member: AccountID, verdict: Verdict) {
            self.member = member
            self.verdict = verdict
        }
    }

    package var job: Digest
    package var specification: Digest
    /// The model that the current round starts from; after the last round, the result.
    package var model: Digest
    /// In the order of joining: the place of a trainer and the round decide which shard it trains.
    package var trainers: [AccountID]
    package var round: UInt32
    /// Rounds that have made ``model``.
    package var settledRounds: UInt32
    package var phase: Phase
    /// Randomness of the round, fixed when it opened.
    package var seed: Digest
    /// Randomness of the audit, fixed after all receipts.
    package var auditSeed: Digest
    /// The last height of the current phase.
    package var deadline: UInt64
    /// In the order of recording.
    package var receipts: [Receipt]
    package var committees: [Committee]
    /// Workers whose committees have come to an end.
    package var decided: Set<AccountID>
    package var ballots: [Ballot]
    /// Accepted receipts of the round, in the order in which they are aggregated.
    package var accepted: [Receipt]
    /// Who has sent which model for this round.
    package var aggregates: [AccountID: Digest]
    /// The residual of each worker's last accepted update of this job.
    package var residuals: [AccountID: Digest]
    /// Outputs and checkpoint roots of the receipts of settled rounds.
    package var earlier: Set<Digest>

    /// The attempt that the ledger is in.
    package var attempt: RoundID { RoundID(job: job, round: round, seed: seed) }

    /// A job that nothing has happened to yet.
    package init(job: Digest, specification: Digest, model: Digest) {
        self.job = job
        self.specification = specification
        self.model = model
        trainers = []
        round = 0
        settledRounds = 0
        phase = .waiting
        (seed, auditSeed, deadline) = (.zero, .zero, 0)
        receipts = []
        committees = []
        decided = []
        ballots = []
        accepted = []
        aggregates = [:]
        residuals = [:]
        earlier = []
    }

    package func receipt(of worker: AccountID) -> Receipt? { receipts.first { $0.worker == worker } }

    /// Everyone in a committee of this round; they decide on the next model.
    package var members: Set<AccountID> { Set(committees.flatMap(\.members)) }
}
