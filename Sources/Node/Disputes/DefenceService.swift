import Chain
import Inference
import Keys
import Ledger
import Logging
import Proofs
import ServiceLifecycle
import Wire

/// Answers the committees that have found this provider's answers wrong: checks each such answer once more, and when it is right disputes with one
/// member after the other. ``DisputeService`` makes the moves.
///
/// What it acts on are the answers that are kept and the ledger, so that a node that starts again goes on where it was.
actor DefenceService: Service {
    /// A dispute that is not on the ledger after so many blocks is opened again.
    private static let patience: UInt64 = 5

    private let account: AccountID
    private let chain: ChainService
    private let wallet: Wallet
    private let player: DisputePlayer
    private let examiner: any Examiner
    private let kept: KeptAnswers<Exchange>
    private let isGriefing: Bool
    private let logger: Logger
    /// What the own check of a convicted answer came to.
    private var checked: [Digest: Bool] = [:]
    private var attempts = Attempts<Digest, DefencePlan>(patience: DefenceService.patience)

    /// - Parameters:
    ///   - examiner: computes an answer again.
    ///   - isGriefing: appeals whatever that says.
    init(
        account: AccountID, chain: ChainService, wallet: Wallet, player: DisputePlayer, examiner: any Examiner,
        kept: KeptAnswers<Exchange>, isGriefing: Bool, logger: Logger
    ) {
        self.account = account
        self.chain = chain
        self.wallet = wallet
        self.player = player
        self.examiner = examiner
        self.kept = kept
        self.isGriefing = isGriefing
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { for await _ in await self.chain.heights() { await self.look() } }
    }

    private func look() async {
        let head = await chain.head
        let convictions = head.state.convictions(of: account, at: head.height)
        // Those in dispute are not among them: what is known of them is kept until the dispute is over.
        let known = Set(convictions.map(\.answer.id.job) + head.state.disputes.map(\.job))
        checked = checked.filter { known.contains($0.key) }
        attempts.keep(only: known.contains)
        for open in convictions {
            if let conviction = open.conviction { await answer(conviction, of: open, head.state, at: head.height) }
        }
    }

    private func answer(_ conviction: AnswerConviction, of open: OpenAnswer, _ state: State, at height: UInt64) async {
        let job = open.answer.id.job
        do {
            guard let exchange = try kept.record(of: job), let isRight = await isRight(exchange) else { return }
            let plan = DefencePlan(conviction, isRight: isRight)
            guard case .appeal(let member) = plan, attempts.isDue(plan, about: job, at: height) else { return }
            attempts.tried(plan, about: job, at: height)
            let opening = DisputeOpening(
                bond: state.bond(for: AnswerRecord(exchange)), member: member,
                opening: try await player.defence(of: exchange).canonicalBytes)
            try await wallet.submit(.openDispute(opening))
            logger.info(
                "appealed against a conviction", metadata: ["job": "\(job.short)", "against": "\(member.short)"])
        } catch {
            logger.warning(
                "the finding of a committee could not be answered",
                metadata: ["job": "\(job.short)", "error": "\(error)"])
        }
    }

    /// What this node's own computation says of its answer. It was right when it was given; a disk or a memory may have failed since, and a bond is more
    /// than a pass.
    /// - Returns: nil when it cannot be computed now, or cannot be disputed.
    private func isRight(_ exchange: Exchange) async -> Bool? {
        let request = exchange.request.request
        guard request.verification == .fraud else { return nil }
        if isGriefing { return true }
        if let known = checked[request.id] { return known }
        switch await examiner.examine(exchange, .full) {
        case .passed: checked[request.id] = true
        case .failed(let fault):
            checked[request.id] = false
            logger.error(
                "an own answer is wrong, as a committee has found",
                metadata: ["job": "\(request.id.short)", "fault": "\(fault)"])
        case .withheld, .impossible: return nil
        }
        return checked[request.id]
    }
}
