import Keys
import Models

/// Rounds of federated averaging in one process: what accuracy a choice of parameters reaches, and what a round costs.
struct FederatedExperiment {
    let options: Options

    init(_ options: Options) { self.options = options }

    func run() throws {
        let (trainers, shards) = (options.number("trainers", 5), options.number("shards", 5))
        let rounds = options.number("rounds", 10), threads = options.number("threads", 1)
        let absent = options.text("absent", "none"), alpha = options.text("alpha", "1/2")
        let data = try FashionMNIST.load()
        let seed = Digest(of: [UInt8(truncatingIfNeeded: options.number("seed", 1))], domain: "experiment")
        let (rateTop, rateBottom) = options.ratio("rate", "5/100"),
            (speedTop, speedBottom) = options.ratio("momentum", "9/10")
        let (alphaTop, alphaBottom) = options.ratio("alpha", "1/2")
        let plan = try Partition.Plan(
            kind: alpha == "iid" ? .iid : .dirichlet, shards: UInt32(shards),
            alpha: alpha == "iid" ? Ratio(1, 1)! : Ratio(alphaTop, alphaBottom)!, seed: seed)
        let specification = try TrainingSpecification(
            network: .fashionMNIST, dataset: data.training.digest, batch: UInt32(options.number("batch", 32)),
            learningRate: Ratio(rateTop, rateBottom)!, annealing: UInt32(options.number("annealing", 0)),
            momentum: Ratio(speedTop, speedBottom)!,
            epochs: UInt32(options.number("epochs", 1)), checkpointEvery: 50, partition: plan, deltaBits: 8)
        let partition = Partition(plan, labels: data.training.labels)
        if options.text("show", "no") != "no" { show(partition, data.training) }

        var model = specification.network.initial(seed: seed)
        var accuracies: [String] = []
        let clock = ContinuousClock()
        var training = Duration.zero
        for round in 0..<rounds {
            // What the beacon is in a network: another order of the samples for the same shards and first model.
            let luck = UInt8(truncatingIfNeeded: options.number("luck", 0))
            let roundSeed = Digest(of: seed.bytes + [UInt8(round), luck], domain: "round")
            var sum = [Double](repeating: 0, count: model.count)
            var count = 0.0
            for trainer in 0..<trainers where absent == "none" || trainer != (Int(absent) ?? round % trainers) {
                let worker = AccountID(SigningKey(seed: [UInt8](repeating: UInt8(trainer), count: 32))!.publicKey)
                let work = try ShardTraining(
                    specification, round: UInt32(round), dataset: data.training, partition: partition,
                    shard: trainer % shards,
                    seed: roundSeed,
                    worker: worker)
                var end = TrainingState(parameters: [])
                training += clock.measure { end = work.run(from: model, threads: threads) }
                for (place, value) in end.parameters.enumerated() { sum[place] += Double(value) - Double(model[place]) }
                count += 1
            }
            for place in model.indices { model[place] += Float(sum[place] / count) }
            let evaluation = try specification.network.evaluate(model, on: data.test, threads: threads)
            accuracies.append(fixed(100 * evaluation.accuracy, 2))
        }
        let seconds = Double(training.components.seconds) + Double(training.components.attoseconds) * 1e-18
        let present = Double(trainers - (absent == "none" ? 0 : 1)) * Double(rounds)
        print(
            "federated trainers=\(trainers) absent=\(absent) alpha=\(alpha) batch=\(specification.batch)",
            "epochs=\(specification.epochs) rate=\(specification.learningRate) annealing=\(specification.annealing) momentum=\(specification.momentum)",
            "seed=\(options.number("seed", 1)) luck=\(options.number("luck", 0)) accuracy=\(accuracies.last ?? "") rounds=[\(accuracies.joined(separator: " "))]",
            "ms/trainer/round=\(fixed(1000 * seconds / present, 0))")
    }

    private func show(_ partition: Partition, _ data: Dataset) {
        for shard in 0..<partition.count {
            var counts = [Int](repeating: 0, count: 10)
            for sample in partition.indices(shard: shard) { counts[Int(data.labels[Int(sample)])] += 1 }
            print("shard \(shard):", counts.map(String.init).joined(separator: " "))
        }
    }
}
