package import Keys
package import Wire

/// Everything that fixes a training job to the last bit, apart from the seeds of its rounds.
package struct TrainingSpecification: Hashable, Sendable, Canonical {
    /// Most values that one batch may hold over all layers: 2^24, or about 200 MiB of working space.
    package static let activationLimit = 1 << 24

    package let network: MLP
    /// ``Dataset/digest`` of the training images.
    package let dataset: Digest
    /// Samples of one step, at most 65,536.
    package let batch: UInt32
    package let learningRate: Ratio
    /// Rounds over which the learning rate falls to zero in equal steps, 0 to 2^16; it stays at the last step's value after
    /// them. 0 for a rate that does not fall.
    package let annealing: UInt32
    /// Below 1.
    package let momentum: Ratio
    /// Passes over the shard in one round, 1 to 1,024.
    package let epochs: UInt32
    /// Steps between two checkpoints, at least 1.
    package let checkpointEvery: UInt32
    package let partition: Partition.Plan
    /// Bits of one value of a delta on the wire: 8 or 16.
    package let deltaBits: UInt8

    package init(
        network: MLP, dataset: Digest, batch: UInt32, learningRate: Ratio, annealing: UInt32 = 0,
        momentum: Ratio, epochs: UInt32, checkpointEvery: UInt32, partition: Partition.Plan, deltaBits: UInt8
    ) throws(ModelError) {
        guard (1...65_536).contains(batch), Int(batch) * network.layers.reduce(0, +) <= Self.activationLimit else {
            throw .specification("a batch of \(batch) through layers of \(network.layers)")
        }
        guard learningRate.numerator > 0 else { throw .specification("a learning rate of \(learningRate)") }
        guard annealing <= 1 << 16 else { throw .specification("a rate that falls over \(annealing) rounds") }
        guard momentum.numerator < momentum.denominator else { throw .specification("a momentum of \(momentum)") }
        guard (1...1024).contains(epochs) else { throw .specification("\(epochs) epochs a round") }
        guard checkpointEvery > 0 else { throw .specification("a checkpoint every 0 steps") }
        guard deltaBits == 8 || deltaBits == 16 else { throw .specification("deltas of \(deltaBits) bits") }
        self.network = network
        self.dataset = dataset
        self.batch = batch
        self.learningRate = learningRate
        self.annealing = annealing
        self.momentum = momentum
        self.epochs = epochs
        self.checkpointEvery = checkpointEvery
        self.partition = partition
        self.deltaBits = deltaBits
    }

    /// The learning rate of a round.
    /// - Parameter round: from 0.
    package func rate(ofRound round: UInt32) -> Float {
        guard annealing > 0 else { return learningRate.value }
        // At most 2^24 · 2^16: whole numbers, and quotients that are rounded once, are the same everywhere.
        let steps = round < annealing ? UInt64(annealing - round) : 1
        return Float(
            Double(UInt64(learningRate.numerator) * steps)
                / Double(UInt64(learningRate.denominator) * UInt64(annealing)))
    }

    package var digest: Digest { digest("training-specification") }

    package func encode(into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(network.layers.count))
        for width in network.layers { writer.write(UInt32(width)) }
        writer.write(dataset)
        writer.write(batch)
        writer.write(learningRate)
        writer.write(annealing)
        writer.write(momentum)
        writer.write(epochs)
        writer.write(checkpointEvery)
        writer.write(partition)
        writer.write(deltaBits)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> TrainingSpecification {
        let count = try reader.readVarint()
        guard count <= 16 else { throw .tooLong(length: count, limit: 16) }
        var layers: [Int] = []
        for _ in 0..<count { layers.append(Int(try reader.readUInt32())) }
        let dataset = try reader.read(Digest.self)
        let batch = try reader.readUInt32()
        let learningRate = try reader.read(Ratio.self)
        let annealing = try reader.readUInt32()
        let momentum = try reader.read(Ratio.self)
        let (epochs, checkpointEvery) = (try reader.readUInt32(), try reader.readUInt32())
        let partition = try reader.read(Partition.Plan.self)
        let deltaBits = try reader.readUInt8()
        do throws(ModelError) {
            return try TrainingSpecification(
                network: try MLP(layers: layers), dataset: dataset, batch: batch, learningRate: learningRate,
                annealing: annealing, momentum: momentum, epochs: epochs, checkpointEvery: checkpointEvery,
                partition: partition,
                deltaBits: deltaBits)
        } catch { throw .invalid("training specification: \(error)") }
    }
}
