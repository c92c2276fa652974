import Federation
import Keys
import Ledger
import Models
import Proofs
import Wire

/// A job on seeded data that trains in a few milliseconds: 16-8-4.
struct SmallJob: TrainingData {
    let train: Dataset
    let test: Dataset
    let specification: TrainingSpecification
    let model: [Float]

    init(seed: UInt64, shards: UInt32 = 5, deltaBits: UInt8 = 8) {
        train = Dataset.synthetic(count: 300, width: 16, classes: 4, seed: seed)
        test = Dataset.synthetic(count: 100, width: 16, classes: 4, seed: seed)
        let network = try! MLP(layers: [16, 8, 4])
        specification = try! TrainingSpecification(
            network: network, dataset: train.digest, batch: 8, learningRate: Ratio(1, 20)!, momentum: Ratio(9, 10)!,
            epochs: 2, checkpointEvery: 3,
            partition: Partition.Plan(
                kind: .iid, shards: shards, seed: Digest(of: seed.canonicalBytes, domain: "test")),
            deltaBits: deltaBits)
        model = network.initial(seed: Digest(of: seed.canonicalBytes, domain: "test"))
    }

    /// The real task: 784-128-10 on Fashion-MNIST, five shards by Dirichlet with α = 1, one epoch in batches of 32 a round.
    static func fashionMNIST(deltaBits: UInt8) throws -> SmallJob {
        let data = try FashionMNIST.load()
        let specification = try TrainingSpecification(
            network: .fashionMNIST, dataset: data.training.digest, batch: 32, learningRate: Ratio(1, 50)!,
            momentum: Ratio(9, 10)!, epochs: 1, checkpointEvery: 47,
            partition: Partition.Plan(
                kind: .dirichlet, shards: 5, alpha: Ratio(1, 1)!, seed: Digest(of: [0], domain: "test")),
            deltaBits: deltaBits)
        return SmallJob(
            train: data.training, test: data.test, specification: specification,
            model: specification.network.initial(seed: Digest(of: [1], domain: "test")))
    }

    private init(train: Dataset, test: Dataset, specification: TrainingSpecification, model: [Float]) {
        (self.train, self.test, self.specification, self.model) = (train, test, specification, model)
    }

    var modelDigest: Digest { ParameterBytes.digest(model) }
    var specificationDigest: Digest { Digest(of: specification.canonicalBytes, domain: "blob") }

    func dataset(_ digest: Digest) async throws -> (train: Dataset, test: Dataset) { (train, test) }

    /// Puts model and specification where `account` serves them.
    func publish(on net: BlobNet, at account: AccountID) {
        _ = net.put(ParameterBytes.encode(model), at: account)
        _ = net.put(specification.canonicalBytes, at: account)
    }

    static func key(_ index: Int) -> SigningKey { SigningKey(seed: [UInt8](repeating: UInt8(index + 1), count: 32))! }
    static func account(_ index: Int) -> AccountID { AccountID(key(index).publicKey) }
}
