package import Tensors

/// Takes training steps; keeps the working memory between them.
package final class BatchTrainer {
    private let engine: DenseEngine
    private let rate: Float
    private let momentum: Float

    package init(
        network: MLP, batch: Int, learningRate: Float, momentum: Float, threads: Int = 1, on backend: Backend = .fastest
    ) {
        engine = DenseEngine(layers: network.layers, capacity: batch, threads: threads, on: backend)
        rate = learningRate
        self.momentum = momentum
    }

    package convenience init(_ specification: TrainingSpecification, rate: Float, threads: Int = 1) {
        self.init(
            network: specification.network, batch: Int(specification.batch), learningRate: rate,
            momentum: specification.momentum.value, threads: threads)
    }

    /// One step of stochastic gradient descent with momentum on the mean cross-entropy of the batch.
    /// - Precondition: the state belongs to the network; 1 to `batch` samples, each of the data set.
    /// - Returns: the mean loss before the step.
    package func trainStep(_ state: inout TrainingState, dataset: Dataset, samples: ArraySlice<UInt32>) -> Float {
        let loss = engine.step(
            &state.parameters, momentum: &state.momentum, images: dataset.images, samples: samples, rate: rate,
            momentum: momentum)
        state.step += 1
        return loss
    }
}
