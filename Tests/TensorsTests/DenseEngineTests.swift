import Tensors
import Testing

@Suite("Dense engine")
struct DenseEngineTests {
    struct Case: Sendable {
        let layers: [Int]
        let batch: Int
    }

    static let cases: [Case] = [
        Case(layers: [1, 1], batch: 1), Case(layers: [3, 2], batch: 5), Case(layers: [17, 9, 4], batch: 16),
        Case(layers: [30, 13, 7], batch: 17), Case(layers: [64, 32, 10], batch: 32),
        Case(layers: [49, 25, 12, 5], batch: 33),
        Case(layers: [784, 31, 10], batch: 20), Case(layers: [300, 7, 256], batch: 3),
        Case(layers: [8, 2, 2, 2, 2], batch: 64),
    ]

    private func images(_ layers: [Int], count: Int, _ samples: inout Samples) -> Images {
        let pixels = (0..<layers[0] * count).map { _ in UInt8(truncatingIfNeeded: samples.next() >> 56) }
        let labels = (0..<count).map { _ in UInt8(samples.next() % UInt64(layers[layers.count - 1])) }
        return Images(width: layers[0], classes: layers[layers.count - 1], pixels: pixels, labels: labels)!
    }

    @Test("steps give the bits of the plain loops, on every tier and number of threads", arguments: tiers, [1, 2, 3])
    func equalsReference(tier: Int, threads: Int) {
        for (index, test) in Self.cases.enumerated() {
            var samples = Samples(UInt64(index))
            let images = images(test.layers, count: 70, &samples)
            let engine = DenseEngine(
                layers: test.layers, capacity: test.batch, threads: threads, on: Backend.available[tier])
            var weights = (0..<engine.parameterCount).map { _ in samples.ordinary() * 0.2 }
            var speeds = [Float](repeating: 0, count: engine.parameterCount)
            var (expectedWeights, expectedSpeeds) = (weights, speeds)
            for step in 0..<3 {
                let count = step == 1 ? max(1, test.batch - 1) : test.batch  // A part of the capacity, too.
                let batch = (0..<count).map { _ in UInt32(samples.next() % 70) }
                let loss = engine.step(
                    &weights, momentum: &speeds, images: images, samples: batch[...], rate: 0.05, momentum: 0.9)
                let expected = Reference.step(
                    layers: test.layers, &expectedWeights, momentum: &expectedSpeeds, images: images, samples: batch,
                    rate: 0.05, momentum: 0.9)
                #expect(same(loss, expected), "\(test) step \(step): loss \(loss), not \(expected)")
                #expect(difference(weights, expectedWeights) == nil, "\(test) step \(step)")
                #expect(difference(speeds, expectedSpeeds) == nil, "\(test) step \(step)")
            }
        }
    }

    @Test(
        "evaluation gives the classes and losses of the plain loops, however the samples are batched", arguments: tiers)
    func evaluation(tier: Int) {
        for (index, test) in Self.cases.enumerated() {
            var samples = Samples(100 + UInt64(index))
            let images = images(test.layers, count: 40, &samples)
            let all = Array(0..<UInt32(40))
            for (capacity, threads) in [(40, 1), (40, 2), (7, 1), (1, 1)] {
                let engine = DenseEngine(
                    layers: test.layers, capacity: capacity, threads: threads, on: Backend.available[tier])
                var weightSamples = Samples(1)
                let weights = (0..<engine.parameterCount).map { _ in weightSamples.ordinary() }
                let logits = Reference.forward(
                    layers: test.layers, weights, images: images, samples: all)[test.layers.count - 1]
                for start in stride(from: 0, to: 40, by: capacity) {
                    let batch = all[start..<min(start + capacity, 40)]
                    let result = engine.evaluate(weights, images: images, samples: batch)
                    for (place, sample) in batch.enumerated() {
                        let row = (0..<logits.columns).map { logits[Int(sample), $0] }
                        let label = Int(images.labels[Int(sample)])
                        #expect(result.classes[place] == Reference.predict(row))
                        #expect(
                            same(result.losses[place], Reference.crossEntropy(logits: row, label: label, scale: 1).loss)
                        )
                    }
                }
            }
        }
    }

    @Test("weights beyond all bounds give NaN where the plain loops do, and no crash", arguments: tiers)
    func nonFinite(tier: Int) {
        for seed in 0..<20 as Range<UInt64> {
            var samples = Samples(seed)
            let layers = [5, 4, 3]
            let images = images(layers, count: 9, &samples)
            let engine = DenseEngine(layers: layers, capacity: 9, on: Backend.available[tier])
            var weights = (0..<engine.parameterCount).map { _ in samples.mixed() }
            var speeds = (0..<engine.parameterCount).map { _ in samples.mixed() }
            var (expectedWeights, expectedSpeeds) = (weights, speeds)
            let batch = Array(0..<UInt32(9))
            _ = engine.step(&weights, momentum: &speeds, images: images, samples: batch[...], rate: 0.1, momentum: 0.5)
            _ = Reference.step(
                layers: layers, &expectedWeights, momentum: &expectedSpeeds, images: images, samples: batch, rate: 0.1,
                momentum: 0.5)
            #expect(difference(weights, expectedWeights) == nil, "seed \(seed)")
            #expect(difference(speeds, expectedSpeeds) == nil, "seed \(seed)")
        }
    }

    @Test("of equal logits the lowest class wins")
    func ties() {
        let images = Images(width: 1, classes: 5, pixels: [0, 7], labels: [0, 1])!
        let engine = DenseEngine(layers: [1, 5], capacity: 2)
        let result = engine.evaluate([0, 0, 0, 0, 0, 1, 3, 3, 2, 3], images: images, samples: [0, 1])
        #expect(result.classes == [1, 1])
    }
}
