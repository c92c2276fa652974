import Keys
import Models
import Testing
import Wire

@Suite("Encodings")
struct CodecTests {
    private let state = TrainingState(
        parameters: [1, -0.0, .leastNonzeroMagnitude, .infinity, .nan], momentum: [0, -.infinity, 3, -4, 5],
        step: 70_000)

    @Test("a state has one encoding: little-endian floats, one NaN, the step last")
    func state_() throws {
        try expectCanonical(state)
        var other = state
        other.parameters[4] = Float(bitPattern: 0xffc0_1234)
        #expect(other == state && other.canonicalBytes == state.canonicalBytes && other.digest == state.digest)
        let small = TrainingState(parameters: [1], momentum: [-2], step: 3)
        #expect(small.canonicalBytes == [1, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 3])
        #expect(throws: WireError.self) {
            try TrainingState(canonicalBytes: [1, 1, 0, 0xc0, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0])
        }
    }

    @Test("a state that claims more floats than it has bytes is refused before memory is taken")
    func claims() {
        for count: [UInt8] in [[0xff, 0xff, 0xff, 0x07], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]] {
            #expect(throws: WireError.self) { try TrainingState(canonicalBytes: count + [0, 0, 0, 0]) }
        }
    }

    @Test("a specification has one encoding and decodes only within its bounds")
    func specification_() throws {
        let data = Dataset.synthetic(count: 10, width: 4, classes: 3, seed: 1)
        let good = try specification(data, layers: [4, 5, 3])
        try expectCanonical(good)
        try expectCanonical(Ratio(5, 100)!)
        #expect(Ratio(1, 0) == nil && Ratio(1 << 24 + 1, 1) == nil && Ratio(1, 1 << 25) == nil)
        #expect(Ratio(5, 100)!.value == 0.05 && Ratio(9, 10)!.value == 0.9)
        let recommended = try TrainingSpecification.fashionMNIST(dataset: .zero, seed: .zero)
        try expectCanonical(recommended)
        #expect(recommended.network == .fashionMNIST && recommended.partition.shards == 5)
        func changed(
            batch: UInt32 = 8, rate: Ratio = Ratio(1, 20)!, momentum: Ratio = Ratio(1, 2)!, epochs: UInt32 = 1,
            every: UInt32 = 1, bits: UInt8 = 8, annealing: UInt32 = 1 << 16
        ) throws {
            _ = try TrainingSpecification(
                network: good.network, dataset: good.dataset, batch: batch, learningRate: rate,
                annealing: annealing, momentum: momentum, epochs: epochs, checkpointEvery: every,
                partition: good.partition, deltaBits: bits)
        }
        try changed()
        #expect(throws: ModelError.self) { try changed(batch: 0) }
        #expect(throws: ModelError.self) { try changed(batch: 65_537) }
        #expect(throws: ModelError.self) { try changed(rate: Ratio(0, 1)!) }
        #expect(throws: ModelError.self) { try changed(annealing: 1 << 16 + 1) }
        #expect(throws: ModelError.self) { try changed(momentum: Ratio(1, 1)!) }
        #expect(throws: ModelError.self) { try changed(epochs: 0) }
        #expect(throws: ModelError.self) { try changed(epochs: 1025) }
        #expect(throws: ModelError.self) { try changed(every: 0) }
        #expect(throws: ModelError.self) { try changed(bits: 7) }
        #expect(throws: ModelError.self) {
            try TrainingSpecification(
                network: try MLP(layers: [4, 100_000, 3]), dataset: good.dataset, batch: 60_000,
                learningRate: Ratio(1, 20)!,
                momentum: Ratio(1, 2)!, epochs: 1, checkpointEvery: 1, partition: good.partition, deltaBits: 8)
        }
    }

    @Test("a hundred thousand changed encodings are refused or decode to exactly themselves")
    func fuzzed() throws {
        let data = Dataset.synthetic(count: 10, width: 4, classes: 3, seed: 1)
        let specification = try specification(data, layers: [4, 5, 3])
        fuzz(TrainingSpecification.self, from: [specification.canonicalBytes], rounds: 50_000)
        fuzz(TrainingState.self, from: [state.canonicalBytes, [0, 0, 0, 0, 0]], rounds: 50_000)
    }
}
