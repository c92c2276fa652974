import Keys
import Models
import Testing

@Suite("Partition and schedule")
struct PartitionTests {
    private func labels(_ count: Int, classes: Int = 10) -> [UInt8] { (0..<count).map { UInt8($0 * 7 % classes) } }

    private func plan(
        _ kind: Partition.Kind, _ shards: UInt32, _ alpha: Ratio = Ratio(1, 1)!, seed: UInt8 = 0
    ) throws -> Partition.Plan {
        try Partition.Plan(kind: kind, shards: shards, alpha: alpha, seed: Digest(of: [seed], domain: "test"))
    }

    @Test("every sample is in exactly one shard, and shards differ in size by one at most")
    func covers() throws {
        for count in [0, 1, 9, 10, 1003] {
            for shards in [1, 2, 5, 7, 40] as [UInt32] {
                for kind in [Partition.Kind.iid, .dirichlet] {
                    let alpha = kind == .iid ? Ratio(1, 1)! : Ratio(1, 100)!
                    let partition = Partition(try plan(kind, shards, alpha), labels: labels(count))
                    let parts = (0..<Int(shards)).map { partition.indices(shard: $0) }
                    #expect(parts.flatMap(\.self).sorted() == Array(0..<UInt32(count)))
                    #expect(parts.allSatisfy { $0 == $0.sorted() })
                    let sizes = parts.map(\.count)
                    #expect(sizes.max()! - sizes.min()! <= 1, "\(sizes)")
                }
            }
        }
    }

    @Test("the same plan gives the same shards, another seed gives others")
    func determined() throws {
        let labels = labels(2000)
        let first = Partition(try plan(.dirichlet, 5, Ratio(1, 2)!), labels: labels)
        #expect(first == Partition(try plan(.dirichlet, 5, Ratio(1, 2)!), labels: labels))
        #expect(first != Partition(try plan(.dirichlet, 5, Ratio(1, 2)!, seed: 1), labels: labels))
        #expect(Array(first.indices(shard: 0).prefix(8)) == [3, 8, 18, 28, 38, 48, 51, 58])
    }

    /// How far the shards are from even: mean over classes of the sum of squared shares, 1/shards when even, 1 when each class is whole.
    private func concentration(_ partition: Partition, _ labels: [UInt8]) -> Double {
        var total = 0.0
        for label in 0..<10 as Range<UInt8> {
            let shares = (0..<partition.count).map { shard in
                Double(partition.indices(shard: shard).count { labels[Int($0)] == label })
            }
            let all = shares.reduce(0, +)
            total += shares.reduce(0) { $0 + $1 * $1 / (all * all) } / 10
        }
        return total
    }

    @Test("a smaller alpha concentrates classes; a large one, or iid, spreads them evenly")
    func skew() throws {
        let labels = labels(10_000)
        var values: [Double] = []
        for alpha in [Ratio(1, 20)!, Ratio(1, 2)!, Ratio(5, 1)!, Ratio(10_000, 1)!] {
            var sum = 0.0
            for seed in 0..<8 as Range<UInt8> {
                sum += concentration(Partition(try plan(.dirichlet, 5, alpha, seed: seed), labels: labels), labels) / 8
            }
            values.append(sum)
        }
        #expect(values == values.sorted(by: >))
        #expect(values[0] > 0.5 && values[3] < 0.21, "\(values)")
        #expect(concentration(Partition(try plan(.iid, 5), labels: labels), labels) < 0.21)
    }

    @Test("while there is room, the shares of a class are those of a Dirichlet distribution")
    func moments() throws {
        // One class among many samples of other classes: room never binds for it.
        let labels = (0..<4000).map { UInt8($0 % 100) }
        var sum = 0.0
        for seed in 0..<60 as Range<UInt8> {
            let partition = Partition(try plan(.dirichlet, 2, Ratio(1, 1)!, seed: seed), labels: labels)
            for label in 0..<100 as Range<UInt8> {
                let share = Double(partition.indices(shard: 0).count { labels[Int($0)] == label }) / 40
                sum += (share * share + (1 - share) * (1 - share)) / 6000
            }
        }
        // Of 40 draws with α = 1 every split is as likely as any other: E Σp² = 2·(2·40 + 1) ÷ (6·40) = 0.675.
        #expect(abs(sum - 0.675) < 0.02, "\(sum)")
    }

    @Test("in each round every shard has one trainer, and in as many rounds as shards each trainer has had every shard")
    func rotation() throws {
        for shards in [1, 2, 5, 7] as [UInt32] {
            let partition = Partition(try plan(.iid, shards), labels: labels(20))
            let all = Set(0..<Int(shards))
            // The last round numbers there are, too.
            for start in [0, 3, UInt32.max - shards + 1] {
                let rounds = start...start + (shards - 1)
                for round in rounds {
                    #expect(Set(all.map { partition.shard(ofTrainer: $0, inRound: round) }) == all)
                }
                for place in all {
                    #expect(Set(rounds.map { partition.shard(ofTrainer: place, inRound: $0) }) == all)
                }
            }
        }
        let five = Partition(try plan(.iid, 5), labels: labels(20))
        #expect((0..<6 as Range<UInt32>).map { five.shard(ofTrainer: 3, inRound: $0) } == [3, 4, 0, 1, 2, 3])
        // More trainers than shards: two have the same one. Fewer: the shards without a trainer have one later.
        #expect(five.shard(ofTrainer: 8, inRound: 1) == five.shard(ofTrainer: 3, inRound: 1))
    }

    @Test("plans that make no sense are refused")
    func refused() throws {
        #expect(throws: ModelError.self) { try plan(.iid, 0) }
        #expect(throws: ModelError.self) { try plan(.iid, 4097) }
        #expect(throws: ModelError.self) { try plan(.iid, 2, Ratio(1, 2)!) }
        #expect(throws: ModelError.self) { try plan(.dirichlet, 2, Ratio(0, 2)!) }
        try expectCanonical(try plan(.iid, 5))
        try expectCanonical(try plan(.dirichlet, 5, Ratio(1, 2)!))
    }

    @Test("each epoch visits the whole shard once, in an order of its own for every seed, worker and epoch")
    func schedule() throws {
        let shard = (0..<100).map { UInt32($0 * 3) }
        func schedule(_ seed: UInt8, _ number: UInt8) throws -> BatchSchedule {
            BatchSchedule(
                shard: shard, seed: Digest(of: [seed], domain: "test"), worker: try worker(number), batch: 8, epochs: 3)
        }
        let first = try schedule(1, 1)
        #expect(first.stepsPerEpoch == 12 && first.steps == 36)
        var orders: Set<[UInt32]> = []
        for schedule in [first, try schedule(2, 1), try schedule(1, 2)] {
            for epoch in 0..<3 {
                let order = schedule.order(epoch: epoch)
                #expect(order.sorted() == shard)
                #expect(order == schedule.order(epoch: epoch))
                orders.insert(order)
            }
        }
        #expect(orders.count == 9)
    }
}
