package import Keys
internal import Wire

/// Which samples each step of one trainer's round uses: known to everyone, chosen by nobody.
package struct BatchSchedule: Hashable, Sendable {
    private let shard: [UInt32]
    private let seed: Digest
    private let worker: AccountID
    /// Samples of one step.
    package let batch: Int
    package let epochs: Int

    /// - Parameter seed: of the round, from the beacon.
    package init(shard: [UInt32], seed: Digest, worker: AccountID, batch: Int, epochs: Int) {
        precondition(batch > 0 && epochs >= 0, "\(epochs) epochs in batches of \(batch)")
        self.shard = shard
        self.seed = seed
        self.worker = worker
        self.batch = batch
        self.epochs = epochs
    }

    /// Samples that do not fill a last batch sit out the epoch.
    package var stepsPerEpoch: Int { shard.count / batch }
    package var steps: Int { stepsPerEpoch * epochs }

    /// The shard in the order of one epoch: Fisher–Yates, seeded by (round seed, worker, epoch).
    package func order(epoch: Int) -> [UInt32] {
        var writer = ByteWriter()
        writer.write(seed)
        writer.write(worker)
        writer.write(UInt32(epoch))
        var generator = SeededGenerator(seed: Digest(of: writer.bytes, domain: "batches"))
        var order = shard
        order.shuffle(with: &generator)
        return order
    }
}
