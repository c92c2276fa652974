import API
import Foundation
import Keys
import Ledger
import Models
import Wire

/// What `banyan train create` needs to know; every field of `job.yaml` is optional.
struct TrainingJobFile: Decodable {
    var layers: [Int] = [784, 128, 10]
    var rounds: UInt32 = 10
    var budget = Amount(seeds: 100 * Amount.seedsPerFIG)
    var trainers: UInt32 = 4
    var committee: UInt32 = 4
    /// Nil asks for what the ledger demands at least.
    var minimumStake: Amount?
    var batch: UInt32 = 64
    var learningRate = "0.05"
    /// Rounds over which the rate falls; nil for all rounds of the job, 0 for a rate that stays.
    var annealing: UInt32?
    var momentum = "0.9"
    var epochs: UInt32 = 2
    var checkpointEvery: UInt32 = 40
    /// Dirichlet concentration of the shards; "iid" for shards that are alike.
    var alpha = "1"
    var deltaBits: UInt8 = 8
    var seed: UInt64 = 1
    /// Heights.
    var trainWindow: UInt32 = 600
    var auditWindow: UInt32 = 600
    var aggregateWindow: UInt32 = 600

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case layers, rounds, budget, trainers, committee, minimumStake, batch, learningRate, annealing, momentum, epochs
        case checkpointEvery, alpha, deltaBits, seed, trainWindow, auditWindow, aggregateWindow
    }

    init(rounds: UInt32, budget: Amount, trainers: UInt32, seed: UInt64) {
        (self.rounds, self.budget, self.trainers, self.seed) = (rounds, budget, trainers, seed)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys, _ standard: Value) throws -> Value {
            try container.decodeIfPresent(Value.self, forKey: key) ?? standard
        }
        func amount(_ key: CodingKeys) throws -> Amount? {
            guard let text = try container.decodeIfPresent(String.self, forKey: key) else { return nil }
            guard let amount = Amount(text) else {
                throw Problem.invalid("\(key.rawValue) is '\(text)', which is no amount of FIG.")
            }
            return amount
        }
        layers = try value(.layers, layers)
        rounds = try value(.rounds, rounds)
        budget = try amount(.budget) ?? budget
        trainers = try value(.trainers, trainers)
        committee = try value(.committee, committee)
        minimumStake = try amount(.minimumStake)
        batch = try value(.batch, batch)
        learningRate = try value(.learningRate, learningRate)
        annealing = try container.decodeIfPresent(UInt32.self, forKey: .annealing)
        momentum = try value(.momentum, momentum)
        epochs = try value(.epochs, epochs)
        checkpointEvery = try value(.checkpointEvery, checkpointEvery)
        alpha = try value(.alpha, alpha)
        deltaBits = try value(.deltaBits, deltaBits)
        seed = try value(.seed, seed)
        trainWindow = try value(.trainWindow, trainWindow)
        auditWindow = try value(.auditWindow, auditWindow)
        aggregateWindow = try value(.aggregateWindow, aggregateWindow)
    }

    static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }

    /// Ten times what an accepted update earns, as the ledger demands, rounded up to a whole FIG.
    private var stake: Amount {
        if let minimumStake { return minimumStake }
        let parameters = Parameters()
        let payment = budget.times(UInt64(parameters.trainersShare), over: 10_000 * UInt64(rounds) * UInt64(trainers))
        let needed = payment.times(UInt64(parameters.rejectedUpdateSlash), over: 1).seeds
        return Amount(seeds: (needed + Amount.seedsPerFIG - 1) / Amount.seedsPerFIG * Amount.seedsPerFIG)
    }

    /// Stores the specification and the first model at the node.
    /// - Returns: the job to post.
    func publish(dataset: Digest, through client: NodeClient) async throws -> TrainingJob {
        let seed = Digest(of: seed.canonicalBytes, domain: "training-job-seed")
        let specification: TrainingSpecification
        do {
            let network = try MLP(layers: layers)
            let plan =
                alpha == "iid"
                ? try Partition.Plan(kind: .iid, shards: trainers, seed: seed)
                : try Partition.Plan(kind: .dirichlet, shards: trainers, alpha: ratio(alpha, "alpha"), seed: seed)
            specification = try TrainingSpecification(
                network: network, dataset: dataset, batch: batch, learningRate: ratio(learningRate, "learningRate"),
                annealing: annealing ?? rounds, momentum: ratio(momentum, "momentum"), epochs: epochs,
                checkpointEvery: checkpointEvery,
                partition: plan, deltaBits: deltaBits)
        } catch let error as ModelError {
            throw Problem.invalid("The job is not possible: \(error)")
        }
        let model = FloatBytes.encode(specification.network.initial(seed: seed))
        return TrainingJob(
            model: try await store(model, client), specification: try await store(specification.canonicalBytes, client),
            budget: budget, rounds: rounds, trainers: trainers, committee: committee, minimumStake: stake,
            trainWindow: trainWindow, auditWindow: auditWindow, aggregateWindow: aggregateWindow)
    }

    private func store(_ bytes: [UInt8], _ client: NodeClient) async throws -> Digest {
        let report: BlobReport = try await client.post("/v1/blobs", BlobSubmission(bytes: Hex.encode(bytes)))
        guard let digest = Digest(hex: report.digest) else { throw Problem.invalid("The node names no digest.") }
        return digest
    }

    /// "0.05" as 5/100: exact, where a binary fraction is not.
    private func ratio(_ text: String, _ name: String) throws -> Ratio {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let decimals = parts.count == 2 ? parts[1].count : 0
        var denominator: UInt32 = 1
        for _ in 0..<min(decimals, 7) { denominator *= 10 }
        guard (1...2).contains(parts.count), decimals <= 7, let numerator = UInt32(parts.joined()),
            let ratio = Ratio(numerator, denominator)
        else { throw Problem.invalid("\(name) is '\(text)', which is no decimal number of at most seven decimals.") }
        return ratio
    }
}
