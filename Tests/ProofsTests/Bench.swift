import Keys
import Models
import Proofs
import Wire

/// A small job on seeded data: 16-8-4, three shards, a few milliseconds a round.
struct Bench {
    let engine: TrainingEngine
    let base: [Float]

    init(
        seed: UInt64, deltaBits: UInt8 = 8, threads: Int = 1, epochs: UInt32 = 2, every: UInt32 = 3, shards: UInt32 = 3
    ) {
        let dataset = Dataset.synthetic(count: 180, width: 16, classes: 4, seed: seed)
        let network = try! MLP(layers: [16, 8, 4])
        let specification = try! TrainingSpecification(
            network: network, dataset: dataset.digest, batch: 8, learningRate: Ratio(1, 20)!, momentum: Ratio(9, 10)!,
            epochs: epochs, checkpointEvery: every,
            partition: Partition.Plan(
                kind: .dirichlet, shards: shards, alpha: Ratio(1, 2)!, seed: Bench.digest("cut", seed)),
            deltaBits: deltaBits)
        engine = try! TrainingEngine(specification, dataset: dataset, threads: threads)
        base = network.initial(seed: Bench.digest("model", seed))
    }

    static func digest(_ name: String, _ seed: UInt64) -> Digest {
        Digest(of: Array("\(name) \(seed)".utf8), domain: "test")
    }

    static func account(_ index: UInt8) -> AccountID {
        AccountID(SigningKey(seed: [UInt8](repeating: index, count: 32))!.publicKey)
    }

    func task(place: Int, round: UInt32 = 0, seed: UInt64 = 1, base: [Float]? = nil, residual: [Float]? = nil)
        -> TrainingTask
    {
        let model = base ?? self.base
        return TrainingTask(
            job: Bench.digest("job", 0), round: round, worker: Bench.account(UInt8(place) + 1), place: place,
            specification: Digest(of: engine.specification.canonicalBytes, domain: "blob"),
            seed: Bench.digest("round", seed), model: ParameterBytes.digest(model), base: model,
            residual: residual ?? ParameterBytes.zeros(engine.parameterCount))
    }

    func train(_ task: TrainingTask) throws -> TrainingProduct { try TrainingTrace(task, on: engine).finish() }
}

/// Everything a worker publishes, as bytes, so that a test can change any of it.
struct Evidence {
    var receipt: Receipt
    var update: [UInt8]
    var checkpoints: [[UInt8]]

    init(_ product: TrainingProduct) {
        receipt = product.receipt
        update = product.update.canonicalBytes
        checkpoints = product.checkpoints.map(\.canonicalBytes)
    }

    /// A full audit: every check there is, every segment.
    func audit(_ task: TrainingTask, on engine: TrainingEngine) throws(Verification.Fault) {
        let opened = try Verification.open(update, of: receipt, for: task, on: engine)
        try Verification.checkBase(of: opened, for: task)
        for segment in 0..<opened.leaves.count - 1 {
            guard segment < checkpoints.count else { throw .segment(segment) }
            _ = try Verification.checkSegment(segment, from: checkpoints[segment], of: opened, for: task, on: engine)
        }
        guard let last = checkpoints.last else { throw .output }
        _ = try Verification.checkLink(from: last, to: opened, of: receipt, for: task, on: engine)
    }

    /// Commits to `update` and `checkpoints` as they are now: a worker that lies consistently.
    mutating func recommit(_ delta: QuantisedDelta? = nil) throws {
        let opened = try Update(canonicalBytes: update)
        let leaves = checkpoints.map { Digest(of: $0, domain: "blob") }
        let next = Update(leaves: leaves, delta: delta ?? opened.delta)
        update = next.canonicalBytes
        receipt = Receipt(
            job: receipt.job, round: receipt.round, worker: receipt.worker, input: receipt.input, code: receipt.code,
            seed: receipt.seed, checkpoints: next.root, count: UInt32(leaves.count), output: next.digest("blob"),
            residual: receipt.residual)
    }
}
