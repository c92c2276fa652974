import Keys
import Models
import Testing

@Suite("Shard training")
struct ShardTrainingTests {
    private let data = Dataset.synthetic(count: 100, width: 12, classes: 3, seed: 4)

    private func work(
        shard: Int = 1, seed: Digest = .zero, number: UInt8 = 1, round: UInt32 = 0, annealing: UInt32 = 0
    ) throws -> ShardTraining {
        try ShardTraining(
            try specification(data, layers: [12, 9, 3], annealing: annealing), round: round, dataset: data,
            shard: shard, seed: seed,
            worker: try worker(number))
    }

    @Test("a round is its segments: each one, re-executed from its first state alone, reaches the next")
    func segments() throws {
        let work = try work()
        // 33 samples, 4 batches of 8, 2 epochs, a checkpoint every 3 steps.
        #expect(work.steps == 8 && work.segments == 3)
        #expect((0..<3).map(work.steps(ofSegment:)) == [0..<3, 3..<6, 6..<8])
        var states: [TrainingState] = []
        let base = try MLP(layers: [12, 9, 3]).initial(seed: .zero)
        let last = work.run(from: base, visit: { states.append($0) })
        #expect(states.count == 4 && states.last == last && states[0] == TrainingState(parameters: base))
        for segment in 0..<3 {
            for threads in 1...2 {
                let again = try self.work().advanced(states[segment], overSegment: segment, threads: threads)
                #expect(again == states[segment + 1] && again?.digest == states[segment + 1].digest)
            }
        }
        #expect(Set(states.map(\.digest)).count == 4)
        #expect(work.run(from: base, threads: 2) == last)
    }

    @Test("another shard, seed or worker, and one changed bit in the first state, end in another state")
    func sensitivity() throws {
        let base = try MLP(layers: [12, 9, 3]).initial(seed: .zero)
        let end = try work().run(from: base)
        #expect(try work(shard: 0).run(from: base) != end)
        #expect(try work(seed: Digest(of: [], domain: "x")).run(from: base) != end)
        #expect(try work(number: 2).run(from: base) != end)
        for place in stride(from: 0, to: base.count, by: 13) {
            var changed = base
            changed[place] = Float(bitPattern: changed[place].bitPattern ^ 1)
            #expect(try work().run(from: changed) != end)
        }
    }

    @Test("the rate falls from round to round in equal steps, and then stays; another rate ends in another state")
    func annealing() throws {
        let falling = try specification(data, layers: [12, 9, 3], annealing: 4)
        #expect((0..<6).map(falling.rate(ofRound:)) == [0.05, 0.0375, 0.025, 0.0125, 0.0125, 0.0125])
        #expect(falling.rate(ofRound: .max) == 0.0125)
        let constant = try specification(data, layers: [12, 9, 3])
        #expect(constant.rate(ofRound: 0) == 0.05 && constant.rate(ofRound: .max) == 0.05)
        let base = try MLP(layers: [12, 9, 3]).initial(seed: .zero)
        let end = try work().run(from: base)
        #expect(try work(round: 3).run(from: base) == end)
        #expect(try work(annealing: 4).run(from: base) == end)
        let late = try work(round: 3, annealing: 4)
        #expect(late.run(from: base) != end)
        // A cheater that keeps the first round's rate is found by the first segment.
        let first = TrainingState(parameters: base)
        #expect(late.advanced(first, overSegment: 0) != (try work(annealing: 4).advanced(first, overSegment: 0)))
    }

    @Test("a state that a segment cannot begin with is refused, whatever a peer sends")
    func refusedStates() throws {
        let work = try work()
        let count = try MLP(layers: [12, 9, 3]).parameterCount
        let good = TrainingState(parameters: [Float](repeating: 0, count: count))
        #expect(work.advanced(good, overSegment: 0) != nil)
        #expect(work.advanced(good, overSegment: 1) == nil)
        for segment in [-1, 3, .max, .min] { #expect(work.advanced(good, overSegment: segment) == nil) }
        for size in [0, 1, count - 1, count + 1] {
            let state = TrainingState(parameters: [Float](repeating: 0, count: size))
            #expect(work.advanced(state, overSegment: 0) == nil)
        }
        for step in [1, 2, UInt32.max] {
            let state = TrainingState(parameters: good.parameters, momentum: good.momentum, step: step)
            #expect(work.advanced(state, overSegment: 0) == nil)
        }
        let wild = TrainingState(parameters: [Float](repeating: .infinity, count: count))
        let end = try #require(work.advanced(wild, overSegment: 0))
        #expect(end == work.advanced(wild, overSegment: 0, threads: 2) && end.parameters.contains { $0.isNaN })
    }

    @Test("other data, a shard that does not exist, or one smaller than a batch, is refused")
    func refusedData() throws {
        let other = Dataset.synthetic(count: 100, width: 12, classes: 3, seed: 5)
        let right = try specification(data, layers: [12, 9, 3])
        func attempt(_ specification: TrainingSpecification, _ data: Dataset, _ shard: Int) throws {
            _ = try ShardTraining(
                specification, round: 0, dataset: data, shard: shard, seed: .zero, worker: try worker(1))
        }
        #expect(throws: ModelError.self) { try attempt(right, other, 0) }
        #expect(throws: ModelError.self) { try attempt(right, data, 3) }
        #expect(throws: ModelError.self) { try attempt(right, data, -1) }
        #expect(throws: ModelError.self) { try attempt(try specification(data, layers: [13, 3]), data, 0) }
        #expect(throws: ModelError.self) { try attempt(try specification(data, layers: [12, 2]), data, 0) }
        #expect(throws: ModelError.self) { try attempt(try specification(data, layers: [12, 3], batch: 34), data, 2) }
        #expect(throws: ModelError.self) { try MLP(layers: [13, 3]).evaluate([], on: data) }
    }
}
