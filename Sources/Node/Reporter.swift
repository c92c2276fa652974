import API
import Chain
import Federation
import Keys
import Ledger
import ServiceLifecycle

/// Turns what the chain and the training rounds say into ``NodeEvent``s, and remembers transactions.
actor Reporter: Service {
    fileprivate struct Work {
        var start = ContinuousClock.now
        var steps = 0
        var segments: [UInt32] = []
    }

    private let chain: ChainService
    private let rounds: RoundService
    private let index: TransactionIndex
    private let cheat: Cheat?
    private let tell: NodeEvents
    private var training: [RoundID: Work] = [:]
    private var audits: [RoundID: [AccountID: Work]] = [:]

    init(chain: ChainService, rounds: RoundService, index: TransactionIndex, cheat: Cheat?, events: NodeEvents) {
        self.chain = chain
        self.rounds = rounds
        self.index = index
        self.cheat = cheat
        tell = events
    }

    func run() async throws {
        let (blocks, work) = (await chain.events(), await rounds.events())
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { for await block in blocks { await self.report(block) } }
                group.addTask { for await event in work { await self.report(event) } }
            }
        }
    }

    private func report(_ block: BlockEvents) async {
        for result in block.outcome.results {
            index.note(
                TransactionReport(
                    id: result.id.description, outcome: result.failure == nil ? .committed : .failed,
                    height: block.height, reason: result.failure), of: result.id)
        }
        let supply = await chain.head.state.supply
        tell(
            .block(
                .init(
                    height: block.height, id: block.blockID.description, transactions: block.outcome.results.count,
                    time: block.time, supplyConserved: supply.isConserved)))
        for event in block.outcome.events { await report(event, at: block.height) }
        for judged in AnswerJudgements(block.outcome.events, at: block.height).all { tell(.judged(judged)) }
    }

    private func report(_ event: LedgerEvent, at height: UInt64) async {
        switch event {
        case .roundOpened(let opened):
            tell(
                .roundOpened(
                    .init(
                        job: "\(opened.job)", round: opened.round, height: height, model: "\(opened.model)",
                        deadline: opened.deadline)))
        case .updateDecided(let job, let round, let worker, let outcome):
            tell(
                .decided(
                    .init(
                        job: "\(job)", round: round, worker: "\(worker)", outcome: outcome.name,
                        reason: outcome.reason, height: height)))
        case .roundSettled(let settled):
            tell(
                .roundSettled(
                    .init(
                        job: "\(settled.job)", round: settled.round, height: height, model: "\(settled.model)",
                        payments: settled.payments.map { NodeEvent.Movement($0) },
                        slashes: settled.slashes.map { NodeEvent.Movement($0) })))
        case .jobFinished(let job, let completed):
            let model = await chain.head.state.job(job)?.model ?? .zero
            tell(.jobFinished(.init(job: "\(job)", height: height, model: "\(model)", completed: completed)))
        case .transferred, .staked, .unstaked, .nodeRegistered, .jobPosted, .trainerJoined, .receiptRecorded,
            .auditOpened, .verdictRecorded, .aggregationOpened, .roundFailed, .slashed, .channelOpened,
            .channelToppedUp,
            .channelClaimed, .channelClosing, .channelClosed, .volunteered, .answerRecorded, .answerAccused,
            .answerAuditOpened, .answerFindingsOpened, .answerPleading, .answerAudited, .answerConfirmed,
            .answerConvicted, .convictionEnded, .witnessShown, .answerClosed,
            .equivocated, .disputeOpened,
            .disputeAwaits, .disputeEnded:
            break
        }
    }

    private func report(_ event: FederationEvent) {
        switch event {
        case .trainingStarted(let id):
            // A node trains one round of a job at a time: what is left of older ones was given up.
            training = training.filter { $0.key.job != id.job }
            audits = audits.filter { $0.key.job != id.job || $0.key.round + 1 >= id.round }
            training[id] = Work()
        case .trainingProgress(let id, _, let total): training[id]?.steps = total
        case .trainingFinished(let id, _):
            let work = training.removeValue(forKey: id) ?? Work()
            tell(
                .trained(
                    .init(job: "\(id.job)", round: id.round, steps: UInt32(work.steps), seconds: work.seconds)))
            if let cheat {
                let kind = cheat == .rotating ? Cheat.turn(in: id.round) : cheat
                tell(.cheated(.init(job: "\(id.job)", round: id.round, kind: kind.rawValue)))
            }
        case .auditStarted(let id, let worker, _, _): audits[id, default: [:]][worker] = Work()
        case .segmentReexecuted(let id, let worker, let segment, _):
            audits[id]?[worker]?.segments.append(segment)
        case .faultFound(let id, let worker, let fault): finish(id, worker, fault: fault.explanation)
        case .auditPassed(let id, let worker, _): finish(id, worker, fault: nil)
        case .evaluated(let job, let rounds, let model, let correct, let total):
            guard rounds > 0 else { return }
            tell(
                .evaluated(
                    .init(job: "\(job)", round: rounds - 1, model: "\(model)", correct: correct, total: total)))
        case .modelFetched, .trainingFailed, .aggregated, .troubled: break
        }
    }

    private func finish(_ id: RoundID, _ worker: AccountID, fault: String?) {
        guard let work = audits[id]?.removeValue(forKey: worker) else { return }
        if audits[id]?.isEmpty == true { audits[id] = nil }
        tell(
            .audited(
                .init(
                    job: "\(id.job)", round: id.round, worker: "\(worker)", segments: work.segments.sorted(),
                    fault: fault, seconds: work.seconds)))
    }
}

extension Reporter.Work {
    fileprivate var seconds: Double { start.duration(to: .now) / .seconds(1) }
}

extension UpdateOutcome {
    var name: String {
        switch self {
        case .accepted: "accepted"
        case .rejected: "rejected"
        case .unverified: "unverified"
        }
    }

    var reason: String? {
        switch self {
        case .accepted: nil
        case .rejected(let fault): fault.explanation
        case .unverified: "the committee did not come to an end in time"
        }
    }
}
