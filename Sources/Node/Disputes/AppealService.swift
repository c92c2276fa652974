import Chain
import Inference
import Keys
import Ledger
import Logging
import Proofs
import ServiceLifecycle
import Wire

/// Sees to the answers that this node was given, or has judged as a member of a committee, when the committee has spoken: appeals where it has
/// found wrong ones right, pleads where it has found a fault that was planted, shows what the others have not computed.
///
/// What it acts on are the exchanges that are kept and the ledger, so that a node that starts again goes on where it was.
actor AppealService: Service {
    /// A dispute that is not on the ledger after so many blocks is opened again.
    private static let patience: UInt64 = 5
    /// Cases that are kept until the last appeal about them, each with its prompt and the list of tensors.
    private static let caseLimit = 16

    private struct Watched {
        var exchange: Exchange
        var plant: PlantedFault?
    }

    private let account: AccountID
    private let chain: ChainService
    private let wallet: Wallet
    private let player: DisputePlayer
    private let examiner: any Examiner
    private let receipts: KeptAnswers<HeldReceipt>
    private let checks: KeptAnswers<HeldReceipt>
    private let plants: PlantedFaults
    private let isGriefing: Bool
    private let logger: Logger
    private var seen: Set<Digest> = []
    private var watched: [Digest: Watched] = [:]
    private var attempts = Attempts<Digest, AppealPlan>(patience: AppealService.patience)
    private var cases: [Digest: DisputeCase] = [:]

    /// - Parameters:
    ///   - receipts: answers to this node.
    ///   - checks: answers to others that it has checked as a member of their committees.
    ///   - examiner: checks planted faults, which nobody has checked so far; disputes nothing by itself.
    ///   - isGriefing: appeals about right answers, too.
    init(
        account: AccountID, chain: ChainService, wallet: Wallet, player: DisputePlayer, examiner: any Examiner,
        receipts: KeptAnswers<HeldReceipt>, checks: KeptAnswers<HeldReceipt>, plants: PlantedFaults, isGriefing: Bool,
        logger: Logger
    ) {
        self.account = account
        self.chain = chain
        self.wallet = wallet
        self.player = player
        self.examiner = examiner
        self.receipts = receipts
        self.checks = checks
        self.plants = plants
        self.isGriefing = isGriefing
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { for await _ in await self.chain.heights() { await self.look() } }
    }

    private func look() async {
        noteReceipts()
        let head = await chain.head
        for (job, entry) in watched {
            let id = entry.exchange.receipt.answer
            let plan = AppealPlan(
                head.state.answer(id), isDisputed: head.state.dispute(id) != nil, of: account,
                isPlanted: entry.plant != nil)
            switch plan {
            case .wait: break
            case .over: watched[job] = nil
            case .plead, .appeal, .show:
                guard attempts.isDue(plan, about: job, at: head.height) else { continue }
                attempts.tried(plan, about: job, at: head.height)
                await follow(plan, entry, head.state)
            }
        }
        attempts.keep { watched[$0] != nil }
        cases = cases.filter { watched[$0.key] != nil }
    }

    /// Takes up what was kept since the last look: own answers that are wrong, or whose fault was planted, and all that were checked for others.
    private func noteReceipts() {
        var known: Set<Digest> = []
        for (store, isOwn) in [(receipts, true), (checks, false)] {
            for job in store.jobs {
                if seen.contains(job) {
                    known.insert(job)
                    continue
                }
                // A record that is being written has a name already: it is read at the next look.
                guard let held = try? store.record(of: job) else { continue }
                known.insert(job)
                let plant = plants.opened(held.exchange)
                if held.verdict == .wrong || !isOwn || plant != nil || isGriefing {
                    watched[job] = Watched(exchange: held.exchange, plant: plant)
                }
            }
        }
        seen = known
        watched = watched.filter { seen.contains($0.key) }
    }

    private func follow(_ plan: AppealPlan, _ entry: Watched, _ state: State) async {
        let id = entry.exchange.receipt.answer
        let job = id.job
        do {
            switch plan {
            case .plead:
                guard let plant = entry.plant else { return }
                try await wallet.submit(.plead(plant))
                logger.info("a planted fault was found, and is said to be planted", metadata: ["job": "\(job.short)"])
            case .appeal(let member):
                guard let dispute = try await dispute(about: entry.exchange) else { return watched[job] = nil }
                let bond = state.bond(for: AnswerRecord(entry.exchange))
                try await wallet.submit(
                    .openDispute(DisputeOpening(bond: bond, member: member, opening: dispute.canonicalBytes)))
                let defender = member ?? id.provider
                logger.info("appealed", metadata: ["job": "\(job.short)", "against": "\(defender.short)"])
            case .show(let seed):
                let shown = try await player.shownState(of: entry.exchange, seed: seed)
                try await wallet.submit(.showWitness(ShownWitness(answer: id, state: shown.canonicalBytes)))
                logger.info("showed what others have not computed", metadata: ["job": "\(job.short)"])
            case .wait, .over: break
            }
        } catch {
            logger.warning(
                "the finding of a committee could not be answered",
                metadata: ["job": "\(job.short)", "error": "\(error)"])
        }
    }

    /// What to show the ledger about a wrong answer.
    /// - Returns: nil when it is not wrong after all, or a dispute is no way to show it.
    private func dispute(about exchange: Exchange) async throws -> DisputeCase? {
        let job = exchange.job
        if let known = cases[job] { return known }
        var fault: InferenceFault? = isGriefing ? .transcript : nil
        if case .failed(let found) = await examiner.examine(exchange, .full) { fault = found }
        guard let fault else { return nil }
        let found = try await player.opening(about: exchange, fault)
        while cases.count >= Self.caseLimit, let any = cases.keys.first { cases[any] = nil }
        cases[job] = found
        return found
    }
}
