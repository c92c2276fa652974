import Keys
import Models
import Proofs
import Testing
import Wire

/// Ten rounds of the real task: 784-128-10 on Fashion-MNIST, five shards drawn from a Dirichlet distribution with α = 1, one local epoch of
/// batches of 32 a round.
struct FashionMNISTTask {
    struct Outcome {
        var accuracy: [Double] = []
        var rejected = 0
        var falselyRejected = 0
        var trainSeconds = 0.0
        var auditSeconds = 0.0
        /// What one trainer publishes for everybody, and what one full set of checkpoints takes.
        var updateBytes = 0
        var checkpointBytes = 0
        var model: Digest = .zero
    }

    let data: FashionMNIST
    let engine: TrainingEngine

    init(deltaBits: UInt8, threads: Int = 1) throws {
        data = try FashionMNIST.load()
        let specification = try TrainingSpecification(
            network: .fashionMNIST, dataset: data.training.digest, batch: 32, learningRate: Ratio(1, 50)!,
            momentum: Ratio(9, 10)!, epochs: 1, checkpointEvery: 47,
            partition: Partition.Plan(
                kind: .dirichlet, shards: 5, alpha: Ratio(1, 1)!, seed: Digest(of: [0], domain: "test")),
            deltaBits: deltaBits)
        engine = try TrainingEngine(specification, dataset: data.training, threads: threads)
    }

    /// - Parameters:
    ///   - cheater: a trainer that sends the change turned round and four times as large.
    ///   - absent: a trainer that is not there.
    func run(rounds: UInt32 = 10, cheater: Int? = nil, absent: Int? = nil) throws -> Outcome {
        var outcome = Outcome()
        let clock = ContinuousClock()
        var model = engine.specification.network.initial(seed: Digest(of: [1], domain: "test"))
        var residuals = [[Float]](repeating: ParameterBytes.zeros(engine.parameterCount), count: 5)
        for round in 0..<rounds {
            var accepted: [Aggregation.Contribution] = []
            for place in 0..<5 where place != absent {
                let task = TrainingTask(
                    job: .zero, round: round, worker: Bench.account(UInt8(place)), place: place, specification: .zero,
                    seed: Digest(of: round.bytes, domain: "test"), model: ParameterBytes.digest(model), base: model,
                    residual: residuals[place])
                var product: TrainingProduct!
                outcome.trainSeconds += try seconds(clock) { product = try TrainingTrace(task, on: engine).finish() }
                if place == cheater { product = poisoned(product, task) }
                let evidence = Evidence(product)
                outcome.updateBytes = evidence.update.count
                outcome.checkpointBytes = evidence.checkpoints.reduce(0) { $0 + $1.count }
                do {
                    outcome.auditSeconds += try seconds(clock) { try evidence.audit(task, on: engine) }
                    residuals[place] = product.residual
                    let weight = engine.weight(place: place, round: round)
                    accepted.append(.init(weight: weight, delta: product.update.delta))
                } catch {
                    if place == cheater { outcome.rejected += 1 } else { outcome.falselyRejected += 1 }
                }
            }
            model = try Aggregation.apply(accepted, to: model, tensors: engine.tensors)
            outcome.accuracy.append(try engine.specification.network.evaluate(model, on: data.test).accuracy)
        }
        outcome.model = ParameterBytes.digest(model)
        return outcome
    }

    private func poisoned(_ honest: TrainingProduct, _ task: TrainingTask) -> TrainingProduct {
        let blocks = honest.update.delta.blocks.map { block in
            QuantisedDelta.Block(exponent: block.exponent + 2, values: block.values.map { -$0 })
        }
        return TrainingProduct(
            task: task, checkpoints: honest.checkpoints, leaves: honest.update.leaves,
            delta: QuantisedDelta(width: engine.width, blocks: blocks), residual: honest.residual)
    }

    private func seconds(_ clock: ContinuousClock, _ work: () throws -> Void) rethrows -> Double {
        let time = try clock.measure(work)
        return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    }
}

extension UInt32 {
    fileprivate var bytes: [UInt8] { UInt64(self).canonicalBytes }
}

@Suite(.serialized) struct FashionMNISTTests {
    @Test("three rounds with a poisoner end in the model of the four honest alone, bit for bit")
    func poisoner() throws {
        let task = try FashionMNISTTask(deltaBits: 8)
        let with = try task.run(rounds: 3, cheater: 4)
        #expect(with.rejected == 3 && with.falselyRejected == 0)
        #expect(try task.run(rounds: 3, absent: 4).model == with.model)
    }

    @Test("one and two threads make the same model")
    func threads() throws {
        let one = try FashionMNISTTask(deltaBits: 16, threads: 1).run(rounds: 1)
        let two = try FashionMNISTTask(deltaBits: 16, threads: 2).run(rounds: 1)
        #expect(one.model == two.model)
    }
}
