extension Reference {
    /// What ``DenseEngine`` does, as plain loops.
    /// - Returns: the mean loss before the step.
    package static func step(
        layers: [Int], _ parameters: inout [Float], momentum speeds: inout [Float], images: Images, samples: [UInt32],
        rate: Float, momentum: Float
    ) -> Float {
        let scale = 1 / Float(samples.count)
        let inputs = forward(layers: layers, parameters, images: images, samples: samples)
        let logits = inputs[layers.count - 1]
        var losses: [Float] = []
        var delta = Tensor(zeros: logits.shape)
        for row in 0..<logits.rows {
            let values = (0..<logits.columns).map { logits[row, $0] }
            let result = crossEntropy(logits: values, label: Int(images.labels[Int(samples[row])]), scale: scale)
            losses.append(result.loss)
            for column in 0..<logits.columns { delta[row, column] = result.gradient[column] }
        }
        let before = parameters
        var end = parameters.count
        for layer in stride(from: layers.count - 2, through: 0, by: -1) {
            let (from, to) = (layers[layer], layers[layer + 1])
            let start = end - (from + 1) * to
            let gradient = product(delta, inputs[layer], .leftTransposed).elements + columnSums(delta).elements
            for (place, value) in zip(start..<end, gradient) {
                descend(
                    weight: &parameters[place], speed: &speeds[place], gradient: value, rate: rate, momentum: momentum)
            }
            if layer > 0 {
                let weights = Tensor(shape: [to, from], elements: Array(before[start..<start + from * to]))
                delta = product(delta, weights)
                for place in delta.elements.indices {
                    delta.elements[place] = rectified(
                        gradient: delta.elements[place], where: inputs[layer].elements[place])
                }
            }
            end = start
        }
        return sum(losses) * scale
    }

    /// What enters each layer, and at last the logits; one sample a row.
    package static func forward(layers: [Int], _ parameters: [Float], images: Images, samples: [UInt32]) -> [Tensor] {
        var inputs = [images.rows(samples)]
        var start = 0
        for layer in 0..<layers.count - 1 {
            let (from, to) = (layers[layer], layers[layer + 1])
            let weights = Tensor(shape: [to, from], elements: Array(parameters[start..<start + from * to]))
            var output = product(inputs[layer], weights, .rightTransposed)
            for row in 0..<output.rows {
                for column in 0..<to {
                    let value = output[row, column] + parameters[start + from * to + column]
                    output[row, column] = layer + 2 < layers.count ? rectified(value) : value
                }
            }
            inputs.append(output)
            start += (from + 1) * to
        }
        return inputs
    }
}
