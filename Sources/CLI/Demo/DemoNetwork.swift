import API
import Foundation
import Keys
import Ledger
import Node
import Wire

/// The processes of a demo, five nodes and three providers of answers, with their directories and addresses.
final class DemoNetwork {
    let plan: DemoPlan
    let cast: DemoCast
    let genesis: Genesis
    let nodes: [NodeProcess]
    let providers: [NodeProcess]

    init(_ plan: DemoPlan) throws {
        let cast = DemoCast(seed: plan.seed, kinds: plan.cheatKinds)
        (self.plan, self.cast) = (plan, cast)
        genesis = cast.genesis(at: UInt64(Date().timeIntervalSince1970 * 1000))
        let identities = cast.nodes + cast.providers
        let ports = try freePorts(identities.count)
        let addresses = zip(ports, identities).map { "/ip4/127.0.0.1/tcp/\($0)/p2p/\(PeerID($1.node.publicKey))" }
        let joins = addresses.prefix(DemoCast.nodeCount)
        func process(_ index: Int, _ name: String, _ directory: String, _ arguments: [String]) -> NodeProcess {
            let data = "\(plan.directory)/\(directory)"
            var all = [
                "up", "--json", "--no-mdns", "--data", data, "--name", name, "--genesis", plan.directory + "/genesis",
                "--api", "127.0.0.1:0", "--listen", "/ip4/127.0.0.1/tcp/\(ports[index])", "--threads",
                "\(plan.threads)",
            ]
            for address in joins where address != addresses[index] { all += ["--join", address] }
            return NodeProcess(
                name: name, directory: data, executable: CommandLine.executablePath, arguments: all + arguments,
                isLeashed: !plan.keeps)
        }
        nodes = cast.nodes.indices.map { index in
            process(index, "node \(index + 1)", "node\(index + 1)", Self.arguments(ofNode: index, plan))
        }
        providers =
            plan.model.map { model in
                cast.providers.indices.map { index in
                    process(
                        DemoCast.nodeCount + index, "provider \(index + 1)", "provider\(index + 1)",
                        Self.arguments(ofProvider: index, cast, plan, model: model))
                }
            } ?? []
        try prepare()
    }

    private static func arguments(ofNode index: Int, _ plan: DemoPlan) -> [String] {
        var arguments: [String] = []
        if plan.halves.contains(.training) { arguments.append("--train") }
        if plan.halves.contains(.inference) { arguments += ["--audit", "--models", plan.modelDirectory] }
        // The last node is no validator; unless everybody is honest it cheats.
        if index == DemoCast.nodeCount - 1, !plan.isHonest { arguments += ["--cheat", "rotating"] }
        return arguments
    }

    private static func arguments(ofProvider index: Int, _ cast: DemoCast, _ plan: DemoPlan, model: String) -> [String]
    {
        let price = ["--price", fig(String(cast.prices[index] * 1000))]
        return ["--serve", model, "--models", plan.modelDirectory, "--stake", "100"] + price
            + (cast.cheats[index].map { ["--cheat-inference", $0] } ?? [])
    }

    private func prepare() throws {
        for (process, identity) in zip(processes, cast.nodes + cast.providers) {
            guard !FileManager.default.fileExists(atPath: process.directory) else {
                throw Problem.refused("'\(process.directory)' exists already.", remedy: "Choose another --directory.")
            }
            try BanyanNode.makeDirectory(process.directory)
            try identity.save(in: process.directory)
        }
        try NetworkGenesis.write(genesis, to: plan.directory + "/genesis")
    }

    var processes: [NodeProcess] { nodes + providers }

    func client(of process: NodeProcess) throws -> NodeClient {
        let text = (try? String(contentsOfFile: process.directory + "/api", encoding: .utf8)) ?? ""
        guard let url = URL(string: text.trimmingCharacters(in: .whitespacesAndNewlines)), url.host != nil else {
            throw Problem("unreachable", status: 503, "\(process.name) names no API.", remedy: logs)
        }
        return NodeClient(base: url, token: nil)
    }

    /// The account as the first node that answers knows it.
    func account(_ account: String) async -> AccountReport? {
        for process in nodes {
            if let report: AccountReport = try? await client(of: process).get("/v1/accounts/\(account)") {
                return report
            }
        }
        return nil
    }

    /// Nil when the node does not answer.
    func status(of process: NodeProcess) async -> NodeStatus? { try? await client(of: process).get("/v1/status") }

    /// Ends every process: asks first, and after five seconds insists.
    func stop() {
        for process in processes { process.terminate() }
        for _ in 0..<100 where processes.contains(where: \.isRunning) { usleep(50_000) }
        for process in processes { process.kill() }
    }

    /// Removes what the processes have written, where that is nobody's but this demo's. After ``stop()``.
    func clear() {
        if plan.isTemporary { try? FileManager.default.removeItem(atPath: plan.directory) }
    }

    var logs: String { "The logs are \(plan.directory)/*/log." }

    func howToLookFurther() -> String {
        let node = (try? client(of: nodes[0]))?.base.absoluteString ?? ""
        guard plan.keeps else {
            return """

                Look further:  banyan demo --keep              leaves the nodes running
                               banyan demo --directory DIR     keeps their chains, models and logs
                """
        }
        let ask = plan.model == nil ? "" : "\n  banyan ask \"Why is the sky blue?\" --verify full --node \(node)"
        return """

            The nodes run on. Look further:
              banyan status --node \(node)
              banyan block --node \(node)
              banyan account --node \(node)
              banyan train status --node \(node)\(ask)
            Stop them:  pkill -f \(plan.directory)
            """
    }
}

extension CommandLine {
    /// This program's file, so that it can start itself again.
    static var executablePath: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
