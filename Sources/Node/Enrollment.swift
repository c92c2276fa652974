import Chain
import Ledger
import Logging
import ServiceLifecycle

/// Keeps this node fit to work: its key registered, its stake sufficient, its name on the jobs it wants to train and on the list of
/// auditors, which it leaves when it goes.
///
/// It looks at the state after each block and does the next thing that is missing, so a lost transaction is sent again.
struct Enrollment: Service {
    /// Blocks that a transaction is given before it is sent again.
    private static let patience: UInt64 = 20
    /// A node that ends waits so long for the block with its last word.
    private static let farewell: Duration = .seconds(3)

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
        await leave()
    }

    /// Whoever is drawn after it has gone would be punished for its silence.
    private func leave() async {
        let heights = await chain.heights()
        guard !Task.isCancelled, let operation = rule.leave(await chain.head.state),
            (try? await wallet.submit(operation)) != nil
        else { return }
        await withTaskGroup { group in
            group.addTask { for await _ in heights where rule.leave(await chain.head.state) == nil { break } }
            group.addTask { try? await Task.sleep(for: Self.farewell) }
            await group.next()
            group.cancelAll()
        }
    }
}
