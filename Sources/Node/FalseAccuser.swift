import Chain
import Inference
import Keys
import Ledger
import Logging
import Proofs
import ServiceLifecycle

/// Accuses right answers, for demonstrations: those that this node was given, and those that others record.
struct FalseAccuser: Service {
    /// Own answers that are looked at after each block.
    private static let ownLimit = 16

    let chain: ChainService
    let wallet: Wallet
    let receipts: KeptAnswers<HeldReceipt>
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var accused: Set<AnswerID> = []
            for await block in await chain.events() {
                for answer in own() + recorded(in: block) where accused.insert(answer.id).inserted {
                    await accuse(answer)
                }
            }
        }
    }

    private func own() -> [AnswerRecord] {
        receipts.jobs.prefix(Self.ownLimit).compactMap { job in
            guard let held = try? receipts.record(of: job), held.verdict != .wrong else { return nil }
            return AnswerRecord(held.exchange)
        }
    }

    private func recorded(in block: BlockEvents) -> [AnswerRecord] {
        block.outcome.events.compactMap { event in
            guard case .answerRecorded(let answer, _) = event else { return nil }
            return answer
        }
    }

    private func accuse(_ answer: AnswerRecord) async {
        let bond = await chain.head.state.parameters.answers.bond(of: answer.payment)
        do { try await wallet.submit(.accuse(Accusation(answer: answer, bond: bond))) } catch {
            logger.warning("could not accuse: \(error)")
        }
    }
}
