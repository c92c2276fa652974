import API
import Foundation
import Keys
import Ledger
import Models
import Node
import Wire

/// The five nodes of a demo: their keys, their genesis, their processes, and the job they train.
final class DemoNetwork {
    let directory: String
    let seed: UInt64
    let rounds: Int
    let processes: [NodeProcess]
    private let identities: [NodeIdentity]
    private let owner: SigningKey
    private let genesis: Genesis
    private let isHonest: Bool
    private let executable: String

    /// The last node is no validator; unless everybody is honest it cheats.
    static let nodeCount = 5
    private static let validatorCount = 4

    init(directory: String?, seed: UInt64, rounds: Int, honest: Bool, threads: Int, keep: Bool) throws {
        let base = directory ?? NSTemporaryDirectory() + "banyan-demo-\(getpid())"
        (self.directory, self.seed, self.rounds, isHonest) = (base, seed, rounds, honest)
        var dice = SeededGenerator(seed: seed)
        let identities = (0..<Self.nodeCount).map { _ in
            NodeIdentity(account: Self.key(from: &dice), node: Self.key(from: &dice))
        }
        self.identities = identities
        owner = Self.key(from: &dice)
        genesis = Self.genesis(identities, owner: owner)
        let executable = CommandLine.executablePath
        self.executable = executable
        let ports = try freePorts(Self.nodeCount)
        let addresses = zip(ports, identities).map { "/ip4/127.0.0.1/tcp/\($0)/p2p/\(PeerID($1.node.publicKey))" }
        processes = (0..<Self.nodeCount).map { index in
            let name = "node \(index + 1)"
            let data = "\(base)/node\(index + 1)"
            var arguments = [
                "up", "--json", "--no-mdns", "--train", "--data", data, "--name", name, "--genesis", base + "/genesis",
                "--api", "127.0.0.1:0", "--listen", "/ip4/127.0.0.1/tcp/\(ports[index])", "--threads", "\(threads)",
            ]
            for (other, address) in addresses.enumerated() where other != index { arguments += ["--join", address] }
            if index == Self.nodeCount - 1, !honest { arguments += ["--cheat", "rotating"] }
            return NodeProcess(
                name: name, directory: data, executable: executable, arguments: arguments, isLeashed: !keep)
        }
        try prepare()
    }

    private func prepare() throws {
        for (process, identity) in zip(processes, identities) {
            guard !FileManager.default.fileExists(atPath: process.directory) else {
                throw Problem.refused("'\(process.directory)' exists already.", remedy: "Choose another --directory.")
            }
            try BanyanNode.makeDirectory(process.directory)
            try identity.save(in: process.directory)
        }
        try NetworkGenesis.write(genesis, to: directory + "/genesis")
    }

    private static func key(from dice: inout SeededGenerator) -> SigningKey {
        SigningKey(seed: (0..<32).map { _ in UInt8(truncatingIfNeeded: dice.next()) })!
    }

    /// Four validators with 1,000 FIG at stake each; everybody has some to spend.
    private static func genesis(_ identities: [NodeIdentity], owner: SigningKey) -> Genesis {
        let now = UInt64(Date().timeIntervalSince1970 * 1000)
        var parameters = Parameters()
        parameters.blockInterval = 100
        parameters.emptyBlockInterval = 500
        var holders = identities.enumerated().map { index, identity in
            Genesis.Holder(
                account: identity.accountID, balance: Amount(fig: 700)!,
                stake: index < validatorCount ? Amount(fig: 1_000)! : .zero,
                node: index < validatorCount
                    ? .issue(by: identity.account, for: identity.node.publicKey, issued: now / 1000) : nil)
        }
        holders.append(Genesis.Holder(account: AccountID(owner.publicKey), balance: Amount(fig: 1_000)!))
        return Genesis(name: "demo", time: now, parameters: parameters, holders: holders)
    }

    var initialState: DemoState {
        DemoState(
            nodes: zip(processes, identities).enumerated().map { index, pair in
                DemoState.Node(
                    name: pair.0.name, account: "\(pair.1.accountID)",
                    isCheater: index == Self.nodeCount - 1 && !isHonest)
            }, plannedRounds: rounds)
    }

    /// 10 FIG a round.
    private var budget: Amount { Amount(fig: 10 * UInt64(rounds))! }
    var budgetSeeds: String { String(budget.seeds) }

    /// Stores specification and first model at node 1, and posts the job.
    func postJob() async throws {
        let data = try FashionMNIST.load()
        var job = TrainingJobFile(rounds: UInt32(rounds), budget: budget, trainers: UInt32(Self.nodeCount), seed: seed)
        // Enough to be slashed in every round.
        job.minimumStake = Amount(fig: min(600, 16 * UInt64(rounds)))
        let client = try client(of: processes[0])
        let plan = try await job.publish(dataset: data.training.digest, through: client)
        let nonce: NonceReport = try await client.get("/v1/nonces/\(owner.publicKey)")
        let transaction = Transaction.sign(
            .postJob(plan), chain: genesis.digest, sender: AccountID(owner.publicKey), nonce: nonce.next,
            fee: genesis.parameters.minimumFee, with: owner)
        let _: TransactionReport = try await client.post(
            "/v1/transactions", TransactionSubmission(transaction: Hex.encode(transaction.canonicalBytes)))
    }

    private func client(of process: NodeProcess) throws -> NodeClient {
        let text = (try? String(contentsOfFile: process.directory + "/api", encoding: .utf8)) ?? ""
        guard let url = URL(string: text.trimmingCharacters(in: .whitespacesAndNewlines)), url.host != nil else {
            throw Problem("unreachable", status: 503, "\(process.name) names no API.", remedy: logs)
        }
        return NodeClient(base: url, token: nil)
    }

    /// The account as the first node that answers knows it.
    func account(_ account: String) async -> AccountReport? {
        for process in processes {
            if let report: AccountReport = try? await client(of: process).get("/v1/accounts/\(account)") {
                return report
            }
        }
        return nil
    }

    func job(_ id: String, at index: Int) async -> JobReport? {
        try? await client(of: processes[index]).get("/v1/training/jobs/\(id)")
    }

    /// Nil when the node does not answer.
    func status(of index: Int) async -> NodeStatus? { try? await client(of: processes[index]).get("/v1/status") }

    func statuses() async -> [NodeStatus?] {
        var statuses: [NodeStatus?] = []
        for index in processes.indices { statuses.append(await status(of: index)) }
        return statuses
    }

    /// Ends every node: asks first, and after five seconds insists.
    func stop() {
        for process in processes { process.terminate() }
        for _ in 0..<100 where processes.contains(where: \.isRunning) { usleep(50_000) }
        for process in processes { process.kill() }
    }

    var logs: String { "The logs are \(directory)/node*/log." }

    func howToLookFurther(kept: Bool) -> String {
        let node = (try? client(of: processes[0]))?.base.absoluteString ?? ""
        guard kept else {
            return """

                Look further:  banyan demo --keep      leaves the five nodes running
                               \(directory)            holds their chains, models and logs
                """
        }
        return """

            The nodes run on. Look further:
              banyan status --node \(node)
              banyan block --node \(node)
              banyan account --node \(node)
              banyan train status --node \(node)
            Stop them:  pkill -f \(directory)
            """
    }
}

extension CommandLine {
    /// This program's file, so that it can start itself again.
    static var executablePath: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
