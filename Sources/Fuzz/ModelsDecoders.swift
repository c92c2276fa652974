import Keys
import Models
import Wire

let modelsDecoders: [Decoder] = [
    .canonical("models.state", [state]),
    .canonical("models.specification", specifications),
    Decoder(
        "models.idx",
        seeds: [[0, 0, 8, 1, 0, 0, 0, 2, 7, 9], [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4]]
    ) {
        IDX.parse($0) != nil
    },
    Decoder("models.gzip", seeds: [gzip]) { Gzip.inflated($0, limit: 1 << 16) != nil },
]

private let state = TrainingState(parameters: [1, -2.5, 0], momentum: [0.5, 0, 3], step: 9)

private let specifications: [TrainingSpecification] = {
    guard let network = try? MLP(layers: [4, 3, 2]), let rate = Ratio(1, 10), let momentum = Ratio(9, 10),
        let plan = try? Partition.Plan(kind: .dirichlet, shards: 5, alpha: rate, seed: Examples.digest(1)),
        let specification = try? TrainingSpecification(
            network: network, dataset: Examples.digest(2), batch: 32, learningRate: rate, annealing: 7,
            momentum: momentum, epochs: 1,
            checkpointEvery: 10, partition: plan, deltaBits: 8)
    else { preconditionFailure("the example is valid") }
    return [specification]
}()

/// "banyan" in gzip, stored without compression (RFC 1952, RFC 1951 section 3.2.4).
private let gzip: [UInt8] =
    [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 0x01, 6, 0, 0xf9, 0xff] + Array("banyan".utf8)
    + [0x59, 0x94, 0x99, 0x06, 6, 0, 0, 0]
