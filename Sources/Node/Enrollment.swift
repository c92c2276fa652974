import Chain
import Keys
import Ledger
import Logging
import ServiceLifecycle

/// Keeps this node fit to work: its key registered, its stake sufficient, its name on the jobs it wants to train.
///
/// It looks at the state after each block and does the next thing that is missing, so a lost transaction is sent again.
struct Enrollment: Service {
    /// Blocks that a transaction is given before it is sent again.
    private static let patience: UInt64 = 20
    /// 30 days in seconds: a certificate is renewed when less of its life is left.
    private static let renewal: UInt64 = 30 * 24 * 60 * 60

    let chain: ChainService
    let wallet: Wallet
    let identity: NodeIdentity
    let trains: Bool
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var sent: [String: UInt64] = [:]
            for await block in await chain.events() {
                sent = sent.filter { block.height < $0.value + Self.patience }
                let state = await chain.head.state
                guard let operation = next(in: state, time: block.time / 1000), sent[operation.name] == nil else {
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

    /// What this account lacks, one thing at a time; nil when there is nothing, or no money for it.
    func next(in state: State, time: UInt64) -> Operation? {
        guard let account = state.account(identity.accountID), account.balance > state.parameters.minimumFee else {
            return nil
        }
        if account.node?.node != identity.node.publicKey || (account.node?.expires ?? 0) < time + Self.renewal {
            return .registerNode(.issue(by: identity.account, for: identity.node.publicKey, issued: time))
        }
        guard trains else { return nil }
        for id in state.openJobs {
            guard let record = state.job(id), record.phase == .gathering, !record.trainers.contains(identity.accountID),
                record.trainers.count < Int(record.job.trainers)
            else { continue }
            guard account.stake < record.job.minimumStake else { return .joinJob(id) }
            let missing = Amount(seeds: record.job.minimumStake.seeds - account.stake.seeds)
            if account.balance > missing { return .stake(missing) }
        }
        return nil
    }
}
