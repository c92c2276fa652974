import Foundation
import Keys
import Models
import Tensors
import Testing

@Suite("Gradients")
struct GradientTests {
    /// The mean cross-entropy in double precision, written without any of our code.
    private func loss(_ layers: [Int], _ parameters: [Double], _ data: Dataset, _ samples: [UInt32]) -> Double {
        var total = 0.0
        for sample in samples {
            let start = Int(sample) * layers[0]
            var values = data.images.pixels[start..<start + layers[0]].map { Double(Float($0) * Float(1.0 / 255)) }
            var offset = 0
            for layer in 1..<layers.count {
                var output: [Double] = []
                let biases = offset + layers[layer] * values.count
                for row in 0..<layers[layer] {
                    let weights = parameters[offset + row * values.count..<offset + (row + 1) * values.count]
                    output.append(zip(weights, values).reduce(parameters[biases + row]) { $0 + $1.0 * $1.1 })
                }
                offset = biases + layers[layer]
                values = layer + 1 < layers.count ? output.map { max($0, 0) } : output
            }
            let largest = values.max()!
            total +=
                log(values.reduce(0) { $0 + exp($1 - largest) }) - (values[Int(data.labels[Int(sample)])] - largest)
        }
        return total / Double(samples.count)
    }

    @Test(
        "every partial derivative agrees with a central difference in double precision",
        arguments: [[7, 3], [6, 5, 4], [9, 8, 7, 5], [20, 18, 17, 3]])
    func finiteDifferences(layers: [Int]) throws {
        let data = Dataset.synthetic(count: 40, width: layers[0], classes: layers[layers.count - 1], seed: 3)
        let network = try MLP(layers: layers)
        let samples = Array(3..<UInt32(22))
        let base = network.initial(seed: .zero).map { $0 * 2 }
        var state = TrainingState(parameters: base)
        let trainer = BatchTrainer(network: network, batch: 19, learningRate: 0.5, momentum: 0.5)
        let mean = trainer.trainStep(&state, dataset: data, samples: samples[...])
        let exact = base.map(Double.init)
        #expect(abs(Double(mean) - loss(layers, exact, data, samples)) < 1e-5)
        // From rest, the speed after one step is the gradient itself.
        let step = 1e-6
        for place in base.indices {
            var up = exact, down = exact
            up[place] += step
            down[place] -= step
            let slope = (loss(layers, up, data, samples) - loss(layers, down, data, samples)) / (2 * step)
            #expect(abs(slope - Double(state.momentum[place])) < 2e-6 + 2e-5 * abs(slope), "parameter \(place)")
            let moved = base[place] - 0.5 * state.momentum[place]
            #expect(abs(state.parameters[place] - moved) <= moved.ulp, "parameter \(place)")
        }
        #expect(state.step == 1)
    }
}
