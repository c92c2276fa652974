import Chain
import Inference
import Keys
import Ledger
import Logging
import Proofs
import ServiceLifecycle
import Wire

/// Plays the disputes of this node on the ledger, on both sides, also for what it has found as a member of a committee: the only place where
/// hands meet the chain.
///
/// What a dispute needs is in the state of the ledger and in the models here, so that a node that starts again goes on where it was.
actor DisputeService: Service, Disputes {
    /// Keeps 32 bytes for each boundary of each position: 200 KiB for an answer of 200 tokens and 30 layers.
    private static let rememberedLimit = 32

    private let account: AccountID
    private let chain: ChainService
    private let wallet: Wallet
    private let player: DisputePlayer
    private let logger: Logger
    private var turns = DisputeTurns()
    private var digests: [AnswerID: [[Digest]]] = [:]
    /// The transaction of the last move in each dispute.
    private var sent: [AnswerID: (number: UInt32, transaction: Digest)] = [:]

    init(
        account: AccountID, chain: ChainService, wallet: Wallet, player: DisputePlayer, logger: Logger
    ) {
        self.account = account
        self.chain = chain
        self.wallet = wallet
        self.player = player
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await self.chain.heights() {
                while !Task.isCancelled, await self.moved() {}
            }
        }
    }

    /// Opens a dispute about an answer to this node in which a check has found a fault, where a dispute is a way to show it.
    func open(_ exchange: Exchange, _ fault: InferenceFault) async -> Digest? {
        let request = exchange.request.request
        do {
            guard let dispute = try await player.opening(about: exchange, fault) else { return nil }
            let bond = await chain.head.state.bond(for: AnswerRecord(exchange))
            let transaction = try await wallet.submit(
                .openDispute(DisputeOpening(bond: bond, opening: dispute.canonicalBytes)))
            logger.info(
                "opened a dispute", metadata: ["job": "\(request.id.short)", "provider": "\(request.provider.short)"])
            return transaction
        } catch {
            logger.warning(
                "a false answer could not be disputed", metadata: ["job": "\(request.id.short)", "error": "\(error)"])
            return nil
        }
    }

    /// Makes the most urgent move.
    /// - Returns: false when there is none to make now.
    private func moved() async -> Bool {
        let head = await chain.head
        var records: [AnswerID: DisputeRecord] = [:]
        for id in head.state.disputes {
            if let record = head.state.dispute(id), record.mover == account { records[id] = record }
        }
        forget(all: head.state.disputes)
        let waiting = records.map { DisputeTurns.Turn(answer: $0, number: $1.moves, deadline: $1.deadline) }
        guard let turn = turns.next(of: waiting, at: head.height), let record = records[turn.answer],
            let bytes = head.state.disputeState(turn.answer)
        else { return false }
        await play(turn, as: DisputeSide(record.turn), bytes, at: head.height)
        return true
    }

    private func play(_ turn: DisputeTurns.Turn, as side: DisputeSide, _ state: [UInt8], at height: UInt64) async {
        let job = turn.answer.job
        turns.sent(turn, at: height)
        do {
            if let last = sent[turn.answer], last.number == turn.number,
                let waiting = await chain.pending(last.transaction)
            {
                // It waits for a block. Others may have heard of it before they could take it.
                _ = try await chain.submit(waiting)
                return
            }
            let conducted = try ConductedDispute(canonicalBytes: state)
            let (move, known) = try await player.move(in: conducted, as: side, digests: digests[turn.answer])
            digests[turn.answer] = known
            guard let move else {
                logger.notice("nothing to say in a dispute", metadata: ["job": "\(job.short)"])
                return turns.gaveUp(turn)
            }
            let operation = DisputeTurn(answer: turn.answer, number: turn.number, move: move.canonicalBytes)
            sent[turn.answer] = (turn.number, try await wallet.submit(.disputeMove(operation)))
        } catch {
            logger.warning(
                "a move in a dispute failed", metadata: ["job": "\(job.short)", "error": "\(error)"])
        }
    }

    private func forget(all running: [AnswerID]) {
        digests = digests.filter { running.contains($0.key) }
        sent = sent.filter { running.contains($0.key) }
        while digests.count > Self.rememberedLimit, let any = digests.first?.key { digests[any] = nil }
    }
}
