package import API
import Foundation
import Keys
package import Ledger
package import Logging
import Swarm
import Wire

/// Where the genesis of a node's network comes from.
package enum NetworkGenesis {
    /// One request, no body; the answer is the canonical genesis.
    static let protocolID = "/banyan/genesis/1"
    /// 10,000 accounts with certificates are about 3 MiB.
    static let byteLimit = 4 << 20

    package static func path(in directory: String) -> String { directory + "/genesis" }

    /// The genesis of the data directory; else of the file that was named; else of the network to join; else a fresh one with
    /// this account as its only validator. What is found is kept in the data directory.
    package static func resolve(
        _ configuration: NodeConfiguration, identity: NodeIdentity, now: UInt64, logger: Logger
    ) async throws -> Genesis {
        let stored = path(in: configuration.dataDirectory)
        let isStored = FileManager.default.fileExists(atPath: stored)
        let genesis: Genesis
        if isStored {
            genesis = try read(stored)
        } else if let path = configuration.genesisPath {
            genesis = try read(path)
        } else if !configuration.join.isEmpty {
            genesis = try await fetch(from: configuration.join, key: identity.node, logger: logger)
        } else {
            genesis = try local(for: identity, now: now, rules: configuration.answerRules)
        }
        if let path = configuration.genesisPath, try read(path) != genesis {
            throw Problem.refused(
                "The data directory '\(configuration.dataDirectory)' belongs to another network than '\(path)'.",
                remedy: "Choose another directory with --data.")
        }
        if let wanted = configuration.genesisDigest, wanted.lowercased() != genesis.digest.description {
            throw Problem.refused("The network's genesis is \(genesis.digest), not \(wanted).")
        }
        if !isStored { try write(genesis, to: stored) }
        return genesis
    }

    package static func read(_ path: String) throws(Problem) -> Genesis {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .invalid("The genesis file '\(path)' cannot be read.")
        }
        do throws(WireError) { return try Genesis(canonicalBytes: Array(data)) } catch {
            throw .invalid("'\(path)' is no genesis file: \(error)")
        }
    }

    package static func write(_ genesis: Genesis, to path: String) throws(Problem) {
        do { try Data(genesis.canonicalBytes).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw .invalid("The genesis cannot be written to '\(path)'.")
        }
    }

    /// A network of one: this account has all of the first 1,000,000 FIG and validates alone.
    private static func local(for identity: NodeIdentity, now: UInt64, rules: String?) throws(Problem) -> Genesis {
        var parameters = Parameters()
        parameters.emptyBlockInterval = 1_000
        if let rules { parameters.answers = try AnswerParameters(changing: rules) }
        let certificate = NodeCertificate.issue(by: identity.account, for: identity.node.publicKey, issued: now / 1000)
        return Genesis(
            name: "local", time: now, parameters: parameters,
            holders: [
                Genesis.Holder(
                    account: identity.accountID, balance: Amount(fig: 990_000) ?? .zero,
                    stake: Amount(fig: 10_000) ?? .zero, node: certificate)
            ])
    }

    /// Asks the nodes to join, one after the other. Nothing proves that the first answer is the right network:
    /// `--genesis-digest` does.
    private static func fetch(from addresses: [Multiaddress], key: SigningKey, logger: Logger) async throws -> Genesis {
        let swarm = SwarmService(key: key, configuration: SwarmConfiguration(), logger: logger)
        return try await withThrowingTaskGroup(of: Genesis?.self) { group in
            group.addTask {
                try await swarm.run()
                return nil
            }
            group.addTask {
                var reasons: [String] = []
                for address in addresses {
                    do {
                        let peer = try await swarm.reach(address)
                        let bytes = try await swarm.request(
                            protocolID, [], to: peer, answerLimit: byteLimit, deadline: .seconds(15))
                        return try Genesis(canonicalBytes: bytes)
                    } catch {
                        reasons.append("\(address): \(error)")
                    }
                }
                throw Problem(
                    "unreachable", status: 503, "No node to join answers. \(reasons.joined(separator: "; "))",
                    remedy: "Is the address right, and does a node listen there? 'banyan lab dial ADDRESS' tries it.")
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let genesis = result { return genesis }
            }
            throw CancellationError()
        }
    }
}
