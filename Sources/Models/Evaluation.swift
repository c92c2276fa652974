internal import Tensors

/// How well parameters do on a data set.
package struct Evaluation: Hashable, Sendable {
    package let correct: Int
    package let total: Int
    /// Mean cross-entropy in nats.
    package let loss: Float

    /// From 0 to 1.
    package var accuracy: Double { total == 0 ? 0 : Double(correct) / Double(total) }
}

extension MLP {
    /// Evaluates on a whole data set; the result does not depend on `threads`.
    /// - Precondition: `parameters` has ``parameterCount`` values.
    /// - Throws: ``ModelError/dataMismatch(_:)`` when the images do not fit the layers.
    package func evaluate(
        _ parameters: [Float], on data: Dataset, threads: Int = 1
    ) throws(ModelError) -> Evaluation {
        try data.requireFit(self)
        let engine = DenseEngine(layers: layers, capacity: 512, threads: threads)
        let all = Array(0..<UInt32(data.count))
        var losses: [Float] = []
        var correct = 0
        for start in stride(from: 0, to: all.count, by: engine.capacity) {
            let samples = all[start..<min(start + engine.capacity, all.count)]
            let result = engine.evaluate(parameters, images: data.images, samples: samples)
            losses += result.losses
            for (sample, predicted) in zip(samples, result.classes)
            where predicted == Int(data.images.labels[Int(sample)]) { correct += 1 }
        }
        let total = Tensor(shape: [losses.count], elements: losses).sum()
        return Evaluation(
            correct: correct, total: all.count, loss: all.isEmpty ? 0 : total * (1 / Float(all.count)))
    }
}
