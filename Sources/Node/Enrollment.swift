import Chain
import Ledger
import Logging
import ServiceLifecycle

/// Keeps this node fit to work: its key registered, its stake sufficient, its name on the jobs it wants to train.
///
/// It looks at the state after each block and does the next thing that is missing, so a lost transaction is sent again.
struct Enrollment: Service {
    /// Blocks that a transaction is given before it is sent again.
    private static let patience: UInt64 = 20

    let chain: ChainService
    let wallet: Wallet
    let rule: EnrollmentRule
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var sent: [String: UInt64] = [:]
            for await block in await chain.events() {
                sent = sent.filter { block.height < $0.value + Self.patience }
                let state = await chain.head.state
                guard let operation = rule.next(in: state, time: block.time / 1000), sent[operation.name] == nil else {
                    continue
                }
                do {
                    try await wallet.submit(operation)
                    sent[operation.name] = block.height
                    logger.info("sent \(operation.name)")
                } catch {
                    logger.warning("could not send \(operation.name): \(error)")
                }
            }
        }
    }
}
