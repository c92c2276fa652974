import API
import Keys
import Ledger
import Models
import Wire

/// The training job of a demo.
struct DemoJob {
    let network: DemoNetwork

    /// 10 FIG a round.
    private var budget: Amount { Amount(fig: 10 * UInt64(network.plan.rounds))! }
    var budgetSeeds: String { String(budget.seeds) }

    /// Stores specification and first model at node 1, and posts the job.
    func post() async throws {
        let data = try FashionMNIST.load()
        let rounds = network.plan.rounds
        var job = TrainingJobFile(
            rounds: UInt32(rounds), budget: budget, trainers: UInt32(DemoCast.nodeCount), seed: network.plan.seed)
        // Enough to be slashed in every round.
        job.minimumStake = Amount(fig: min(600, 16 * UInt64(rounds)))
        let client = try network.client(of: network.nodes[0])
        let plan = try await job.publish(dataset: data.training.digest, through: client)
        let owner = network.cast.owner
        let nonce: NonceReport = try await client.get("/v1/nonces/\(owner.publicKey)")
        let transaction = Transaction.sign(
            .postJob(plan), chain: network.genesis.digest, sender: AccountID(owner.publicKey), nonce: nonce.next,
            fee: network.genesis.parameters.minimumFee, with: owner)
        let _: TransactionReport = try await client.post(
            "/v1/transactions", TransactionSubmission(transaction: Hex.encode(transaction.canonicalBytes)))
    }

    func report(_ id: String, at index: Int) async -> JobReport? {
        try? await network.client(of: network.nodes[index]).get("/v1/training/jobs/\(id)")
    }
}
