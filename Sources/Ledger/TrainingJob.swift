package import Keys
package import Wire

/// A training job as its owner posts it. Its id is the id of the transaction that posted it.
package struct TrainingJob: Hashable, Sendable, Canonical {
    /// Digest of the initial parameters, a blob.
    package var model: Digest
    /// Digest of the training specification, a blob.
    package var specification: Digest
    /// Locked in escrow when the job is posted; paid out round by round.
    package var budget: Amount
    package var rounds: UInt32
    /// The first round opens when so many have joined.
    package var trainers: UInt32
    /// Members of the committee of one update.
    package var committee: UInt32
    /// Stake that a trainer must hold.
    package var minimumStake: Amount
    /// Heights from the opening of a round to the last receipt.
    package var trainWindow: UInt32
    /// Heights from the last receipt to the last verdict.
    package var auditWindow: UInt32
    /// Heights from the last verdict to the last vote on the new model.
    package var aggregateWindow: UInt32

    package init(
        model: Digest, specification: Digest, budget: Amount, rounds: UInt32, trainers: UInt32, committee: UInt32,
        minimumStake: Amount, trainWindow: UInt32, auditWindow: UInt32, aggregateWindow: UInt32
    ) {
        self.model = model
        self.specification = specification
        self.budget = budget
        self.rounds = rounds
        self.trainers = trainers
        self.committee = committee
        self.minimumStake = minimumStake
        self.trainWindow = trainWindow
        self.auditWindow = auditWindow
        self.aggregateWindow = aggregateWindow
    }

    /// What one accepted update earns at most; the measure of every slash.
    func trainerPayment(_ parameters: Parameters) -> Amount {
        budget.times(UInt64(parameters.trainersShare), over: 10_000 * UInt64(rounds) * UInt64(trainers))
    }

    /// What a rejected update costs. A trainer must have so much at stake.
    func rejectionSlash(_ parameters: Parameters) -> Amount {
        trainerPayment(parameters).times(UInt64(parameters.rejectedUpdateSlash), over: 1)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(model)
        writer.write(specification)
        writer.write(budget)
        for number in [rounds, trainers, committee] { writer.write(number) }
        writer.write(minimumStake)
        for number in [trainWindow, auditWindow, aggregateWindow] { writer.write(number) }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> TrainingJob {
        TrainingJob(
            model: try reader.read(), specification: try reader.read(), budget: try reader.read(),
            rounds: try reader.readUInt32(), trainers: try reader.readUInt32(), committee: try reader.readUInt32(),
            minimumStake: try reader.read(), trainWindow: try reader.readUInt32(),
            auditWindow: try reader.readUInt32(), aggregateWindow: try reader.readUInt32())
    }
}
