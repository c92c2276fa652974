package import Keys
package import Wire

/// Which samples belong together, and who trains them when.
package struct Partition: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable {
        /// Every shard draws from all classes alike.
        case iid = 0
        /// Each class is spread over the shards by Dirichlet weights: the smaller alpha, the more a shard lacks whole classes.
        case dirichlet = 1
    }

    /// How to cut a data set.
    package struct Plan: Hashable, Sendable, Canonical {
        /// 4,096 shards of at least a few samples are more than a round has trainers.
        package static let shardLimit: UInt32 = 4096

        package let kind: Kind
        package let shards: UInt32
        /// Concentration of the Dirichlet distribution; not used by `iid`, and then 1/1.
        package let alpha: Ratio
        package let seed: Digest

        /// - Throws: ``ModelError/specification(_:)`` for 0 or too many shards, or a concentration of 0.
        package init(kind: Kind, shards: UInt32, alpha: Ratio = Ratio(1, 1)!, seed: Digest) throws(ModelError) {
            guard (1...Self.shardLimit).contains(shards) else { throw .specification("\(shards) shards") }
            guard alpha.numerator > 0 else { throw .specification("a concentration of \(alpha)") }
            guard kind == .dirichlet || alpha == Ratio(1, 1)! else {
                throw .specification("a concentration of \(alpha) for an iid partition")
            }
            self.kind = kind
            self.shards = shards
            self.alpha = alpha
            self.seed = seed
        }

        package func encode(into writer: inout ByteWriter) {
            writer.write(kind.rawValue)
            writer.write(shards)
            writer.write(alpha)
            writer.write(seed)
        }

        package static func decode(from reader: inout ByteReader) throws(WireError) -> Plan {
            let tag = try reader.readUInt8()
            guard let kind = Kind(rawValue: tag) else { throw .unknownTag(UInt64(tag), of: "Partition.Kind") }
            let (shards, alpha, seed) = (
                try reader.readUInt32(), try reader.read(Ratio.self), try reader.read(Digest.self)
            )
            do { return try Plan(kind: kind, shards: shards, alpha: alpha, seed: seed) } catch {
                throw .invalid("partition: \(error)")
            }
        }
    }

    private let shards: [[UInt32]]

    /// Cuts a data set with these labels. Shards differ in size by one sample at most.
    ///
    /// Samples come in a seeded order. Each goes to a shard that has room, drawn with weight `alpha + (samples of its class there
    /// so far)`: a Pólya urn per class, which gives exactly Dirichlet-distributed shares (Blackwell and MacQueen 1973) without
    /// a single float. With `iid`, samples are dealt in turn.
    package init(_ plan: Plan, labels: [UInt8]) {
        var generator = SeededGenerator(seed: Digest(of: plan.seed.bytes, domain: "partition"))
        var order = Array(0..<UInt32(labels.count))
        order.shuffle(with: &generator)
        let count = Int(plan.shards)
        var shards = [[UInt32]](repeating: [], count: count)
        switch plan.kind {
        case .iid:
            for (place, sample) in order.enumerated() { shards[place % count].append(sample) }
        case .dirichlet:
            let room = (0..<count).map { labels.count / count + ($0 < labels.count % count ? 1 : 0) }
            var urns = [[UInt64]](repeating: Array(repeating: UInt64(plan.alpha.numerator), count: count), count: 256)
            for sample in order {
                let label = Int(labels[Int(sample)])
                var total: UInt64 = 0
                for shard in 0..<count where shards[shard].count < room[shard] { total += urns[label][shard] }
                var draw = generator.next(below: total)
                for shard in 0..<count where shards[shard].count < room[shard] {
                    let weight = urns[label][shard]
                    if draw < weight {
                        shards[shard].append(sample)
                        urns[label][shard] += UInt64(plan.alpha.denominator)
                        break
                    }
                    draw -= weight
                }
            }
        }
        self.shards = shards.map { $0.sorted() }
    }

    package var count: Int { shards.count }
    /// The samples of a shard, in rising order.
    /// - Precondition: `shard` is below ``count``.
    package func indices(shard: Int) -> [UInt32] { shards[shard] }

    /// The shard of one trainer in one round: each moves on by one shard a round, and after ``count`` rounds has had them all.
    ///
    /// Were it the same in every round, a trainer whose updates are always rejected would take the same part of the data, and the
    /// classes that are frequent there, away from the model for good. So it takes another part each round.
    /// - Parameters:
    ///   - place: of the trainer among those of the job, from 0. Trainers beyond ``count`` begin again with the first shard.
    ///   - round: from 0.
    package func shard(ofTrainer place: Int, inRound round: UInt32) -> Int { (place + Int(round)) % count }
}

extension [UInt32] {
    /// Fisher–Yates from the last place down (Knuth, TAOCP 2, algorithm P).
    mutating func shuffle(with generator: inout SeededGenerator) {
        guard count > 1 else { return }
        for place in stride(from: count - 1, through: 1, by: -1) {
            swapAt(place, Int(generator.next(below: UInt64(place + 1))))
        }
    }
}
