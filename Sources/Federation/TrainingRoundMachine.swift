package import Keys
package import Ledger
internal import Proofs

/// Decides what one node does for one training job. Pure: no clock, no dice, no network.
///
/// Input is what the ledger says after each block (``JobView``) and the results of the work that was asked for; output is work to
/// start and operations to submit. A deadline is a height. Because each block brings the whole view, a machine built in the
/// middle of a round takes part from there on: the ledger and the blob store are all the memory it needs.
package struct TrainingRoundMachine: Sendable {
    package enum Input: Sendable {
        case block(height: UInt64, JobView)
        case fetched(Digest, Bool)
        /// nil: training failed or a blob was missing.
        case trained(RoundID, Receipt?)
        case checked(CheckOrder, CheckResult)
        /// nil: an update was missing.
        case aggregated(RoundID, Digest?)
    }

    package enum Effect: Sendable {
        /// Get the blob from the store or from one of these accounts, then report ``Input/fetched(_:_:)``.
        case fetch(Digest, holders: [AccountID])
        case train(TrainingOrder)
        case check(CheckOrder)
        case aggregate(AggregationOrder)
        case submit(Operation)
        /// Measure a model that `rounds` rounds have made.
        case evaluate(RoundBase, rounds: UInt32)
        /// Stop all work of this attempt: the ledger has moved on.
        case cancel(RoundID)
        case report(FederationEvent)
    }

    /// Blocks after which an operation that the ledger does not show is sent again.
    package static let resubmitAfter: UInt64 = 4

    package let account: AccountID
    let key: SigningKey
    package internal(set) var height: UInt64 = 0
    package internal(set) var view: JobView?
    /// Blobs of the job that are known to be in the store: models and the specification.
    var present: Set<Digest> = []
    /// Blobs asked for: the height of the last failure, or nil while under way.
    var fetching: [Digest: UInt64?] = [:]
    var evaluated: Digest?
    /// Height at which each operation of this round was last sent.
    var sent: [Sent: UInt64] = [:]
    var training: Progress<Receipt> = .idle
    var aggregation: Progress<Digest> = .idle
    /// In the order in which the ledger names the workers.
    var audits: [WorkerAudit] = []
    /// Height at which this node first saw the audit phase of the round.
    var auditStart: UInt64?

    enum Progress<Value: Sendable>: Sendable {
        case idle
        case running
        /// Not again before the block after this height.
        case failed(at: UInt64)
        case done(Value)
    }

    enum Sent: Hashable, Sendable {
        case receipt
        case verdict(Verdict)
        case aggregate
    }

    /// - Parameter key: the key that signs this node's operations; it also draws the node's own audit segments.
    package init(account: AccountID, key: SigningKey) {
        self.account = account
        self.key = key
    }

    package mutating func step(_ input: Input) -> [Effect] {
        var effects: [Effect] = []
        switch input {
        case .block(let height, let view): enter(height, view, &effects)
        case .fetched(let digest, let found): finishFetch(digest, found, &effects)
        case .trained(let id, let receipt): finishTraining(id, receipt, &effects)
        case .checked(let order, let result): finishCheck(order, result, &effects)
        case .aggregated(let id, let model): finishAggregation(id, model, &effects)
        }
        advance(&effects)
        return effects
    }

    /// Whether the job is over and its result is here.
    package var isDone: Bool { view.map { $0.phase == .finished && evaluated == $0.model } ?? false }

    /// The attempt that the ledger is in.
    var roundID: RoundID? { view?.attempt }

    var base: RoundBase? {
        guard let view, let roundID else { return nil }
        return RoundBase(id: roundID, specification: view.specification, model: view.model)
    }

    private mutating func enter(_ height: UInt64, _ next: JobView, _ effects: inout [Effect]) {
        guard height >= self.height else { return }
        let former = roundID
        let hasEnded = next.phase == .finished && view?.phase != .finished
        self.height = height
        view = next
        if let former, former != roundID || hasEnded {
            effects.append(.cancel(former))
            forgetRound()
        }
        if next.phase == .auditing, auditStart == nil { auditStart = height }
    }

    private mutating func forgetRound() {
        sent = [:]
        training = .idle
        aggregation = .idle
        audits = []
        auditStart = nil
    }

    /// Starts everything that the view calls for and that is not under way.
    private mutating func advance(_ effects: inout [Effect]) {
        guard let view, let base else { return }
        guard require(view.specification, &effects), require(view.model, &effects) else { return }
        if evaluated != view.model {
            evaluated = view.model
            effects.append(.evaluate(base, rounds: view.settledRounds))
        }
        switch view.phase {
        case .waiting, .finished: break
        case .training: advanceTraining(view, base, &effects)
        case .auditing: advanceAudits(view, base, &effects)
        case .aggregating: advanceAggregation(view, base, &effects)
        }
    }

    /// Whether the blob is here; asks for it when it is not.
    private mutating func require(_ digest: Digest, _ effects: inout [Effect]) -> Bool {
        if present.contains(digest) { return true }
        if let state = fetching[digest] {
            guard let failed = state, failed < height else { return false }
        }
        fetching[digest] = .some(nil)
        effects.append(.fetch(digest, holders: holders()))
        return false
    }

    private mutating func finishFetch(_ digest: Digest, _ found: Bool, _ effects: inout [Effect]) {
        guard fetching[digest] != nil else { return }
        guard found else {
            fetching[digest] = .some(height)
            return
        }
        fetching[digest] = nil
        present.insert(digest)
        if let view, digest == view.model { effects.append(.report(.modelFetched(job: view.job, model: digest))) }
    }

    /// Whether an operation is due: never sent in this round, or sent long enough ago without trace on the ledger.
    mutating func isDue(_ operation: Sent) -> Bool {
        if let last = sent[operation], height < last + Self.resubmitAfter { return false }
        sent[operation] = height
        return true
    }

    /// Everyone but this node who may hold a blob: `first`, then trainers, then committee members, each once.
    func holders(first: [AccountID] = []) -> [AccountID] {
        var seen: Set<AccountID> = [account]
        let members = view?.committees.flatMap(\.members) ?? []
        return (first + (view?.trainers ?? []) + members).filter { seen.insert($0).inserted }
    }

    /// Of a worker among the trainers of the job.
    func place(of worker: AccountID) -> Int? { view?.trainers.firstIndex(of: worker) }
}
