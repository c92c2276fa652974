import Models
import Tensors

enum TrainingBenchmark {
    /// Prints `mlp <batch> <threads> <samples/s>` for whole training steps from bytes in memory: gathering the batch, forward,
    /// backward, momentum.
    static func run() throws {
        let data = Dataset.synthetic(count: 12_800, width: 784, classes: 10, seed: 1)
        for batch in [32, 64, 256] {
            for threads in [1, 2] {
                let trainer = BatchTrainer(
                    network: .fashionMNIST, batch: batch, learningRate: 0.05, momentum: 0.9, threads: threads)
                var state = TrainingState(parameters: MLP.fashionMNIST.initial(seed: data.digest))
                let order = (0..<UInt32(data.count)).map { $0 &* 7919 % UInt32(data.count) }
                var start = 0
                let steps = 10
                let seconds = bestSeconds(threads: threads, atLeast: 0.3) {
                    for _ in 0..<steps {
                        _ = trainer.trainStep(&state, dataset: data, samples: order[start..<start + batch])
                        start = (start + batch) % data.count
                    }
                }
                print("mlp \(batch) \(threads) \(fixed(Double(steps * batch) / seconds, 0))")
            }
        }
    }
}
