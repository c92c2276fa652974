import Keys
import Models
import Tensors
import Testing

/// Digests that every machine must reach. A change here is a change of the arithmetic: every node has to make it at once.
@Suite("Golden digests")
struct GoldenTests {
    private func trained(_ layers: [Int], batch: Int, threads: Int, on backend: Backend) throws -> (
        digest: Digest, first: Float, last: Float
    ) {
        let data = Dataset.synthetic(count: 480, width: layers[0], classes: layers[layers.count - 1], seed: 11)
        let network = try MLP(layers: layers)
        let trainer = BatchTrainer(
            network: network, batch: batch, learningRate: 0.05, momentum: 0.9, threads: threads, on: backend)
        var state = TrainingState(parameters: network.initial(seed: data.digest))
        let all = Array(0..<UInt32(480))
        var losses: [Float] = []
        for start in stride(from: 0, to: 3 * 480, by: batch) {
            let from = start % 480
            losses.append(trainer.trainStep(&state, dataset: data, samples: all[from..<min(from + batch, 480)]))
        }
        return (state.digest, losses[0], losses[losses.count - 1])
    }

    @Test("a run on synthetic images ends in the stored digest, on every tier, on 1, 2 and 3 threads", arguments: 1...3)
    func synthetic(threads: Int) throws {
        for backend in Backend.available {
            let demo = try trained([784, 128, 10], batch: 32, threads: threads, on: backend)
            #expect(
                demo.digest.description == "4d2e8fa40fb1c81c8719112f7523bfb78631b12b95d7704342448acaff2dd22c",
                "\(backend)")
            let odd = try trained([75, 41, 23, 7], batch: 27, threads: threads, on: backend)
            #expect(
                odd.digest.description == "9f93b9b0c66d5a35bbc5288b65fb9e94ce1a0db27af4cd1b2833d2cfca97171b",
                "\(backend)")
            #expect(demo.last < demo.first / 2 && odd.last < odd.first, "the network learns: \(demo), \(odd)")
        }
    }

    @Test(
        "the first segment of a round on Fashion-MNIST ends in the stored digest, on 1 and 2 threads", arguments: 1...2)
    func fashion(threads: Int) throws {
        let data = try FashionMNIST.load()
        let plan = try Partition.Plan(kind: .dirichlet, shards: 5, alpha: Ratio(1, 1)!, seed: .zero)
        let specification = try TrainingSpecification(
            network: .fashionMNIST, dataset: data.training.digest, batch: 32, learningRate: Ratio(5, 100)!,
            momentum: Ratio(9, 10)!, epochs: 1, checkpointEvery: 40, partition: plan, deltaBits: 8)
        let work = try ShardTraining(
            specification, round: 0, dataset: data.training, shard: 2, seed: .zero, worker: try worker(1))
        let base = TrainingState(parameters: MLP.fashionMNIST.initial(seed: .zero))
        let state = try #require(work.advanced(base, overSegment: 0, threads: threads))
        #expect(state.digest.description == "5cb569532ae5d70db1922e12727b5ce201b3f38983663a3ed18181aa2034b962")
        let evaluation = try MLP.fashionMNIST.evaluate(state.parameters, on: data.test, threads: threads)
        #expect(evaluation.total == 10_000)
        #expect(evaluation.correct == 5648 && evaluation.loss.bitPattern == 1_068_392_211, "\(evaluation)")
    }
}
