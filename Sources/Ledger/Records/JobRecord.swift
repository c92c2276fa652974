package import Keys
package import Wire

/// A training job and the round that runs.
package struct JobRecord: Hashable, Sendable, Canonical {
    package enum Phase: UInt8, Hashable, Sendable, CaseIterable {
        /// Waits for trainers.
        case gathering
        /// Takes receipts.
        case training
        /// Takes verdicts.
        case auditing
        /// Takes votes on the new model.
        case aggregating
        case finished
        /// Closed because a round failed too often; the rest of the budget went back.
        case failed
    }

    /// A drawn committee, with the weight each member's word has.
    package struct Jury: Hashable, Sendable, Canonical {
        package var worker: AccountID
        package var members: [Member]
        /// Nil while the members have not come to an end.
        package var outcome: UpdateOutcome?

        package func encode(into writer: inout ByteWriter) {
            writer.write(worker)
            writer.write(list: members)
            writer.write(optional: outcome)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Jury {
            Jury(
                worker: try reader.read(), members: try reader.readList(limit: memberLimit),
                outcome: try reader.readOptional())
        }
    }

    package struct Member: Hashable, Sendable, Canonical {
        package var account: AccountID
        /// Stake in whole FIG × reputation level when it was drawn.
        package var weight: UInt64

        package func encode(into writer: inout ByteWriter) {
            writer.write(account)
            writer.write(weight)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Member {
            Member(account: try reader.read(), weight: try reader.readUInt64())
        }
    }

    /// An account and a digest that belongs to it.
    package struct Entry: Hashable, Sendable, Canonical {
        package var account: AccountID
        package var digest: Digest

        package func encode(into writer: inout ByteWriter) {
            writer.write(account)
            writer.write(digest)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Entry {
            Entry(account: try reader.read(), digest: try reader.read())
        }
    }

    /// Trainers of one job.
    package static let trainerLimit = 256
    /// Members of one committee.
    package static let memberLimit = 64

    package var job: TrainingJob
    package var owner: AccountID
    /// What is left of the budget.
    package var escrow: Amount
    package var phase: Phase
    package var round: UInt32
    /// How often this round was opened before.
    package var failures: UInt8
    /// The parameters that the round starts from; at the end, the result.
    package var model: Digest
    /// In the order of joining: the place of a trainer and the round decide which shard it trains.
    package var trainers: [AccountID]
    /// Last height of the phase; 0 while gathering and at the end.
    package var deadline: UInt64
    /// Drawn when the round opened.
    package var seed: Digest
    /// Drawn when the audit opened.
    package var auditSeed: Digest
    /// In the order of recording.
    package var receipts: [Receipt]
    /// One for each receipt, in the same order.
    package var juries: [Jury]
    /// Votes on the new model, in the order of recording.
    package var votes: [Entry]
    /// The residual of each worker's last accepted update, by ascending account.
    package var residuals: [Entry]

    package init(job: TrainingJob, owner: AccountID) {
        self.job = job
        self.owner = owner
        escrow = job.budget
        phase = .gathering
        round = 0
        failures = 0
        model = job.model
        trainers = []
        deadline = 0
        seed = .zero
        auditSeed = .zero
        receipts = []
        juries = []
        votes = []
        residuals = []
    }

    package var isOver: Bool { phase == .finished || phase == .failed }

    package func receipt(of worker: AccountID) -> Receipt? { receipts.first { $0.worker == worker } }

    /// Receipts whose updates were accepted, by ascending worker: the order in which everybody adds them.
    package var accepted: [Receipt] {
        let workers = Set(juries.filter { $0.outcome == .accepted }.map(\.worker))
        return receipts.filter { workers.contains($0.worker) }.sorted { $0.worker < $1.worker }
    }

    /// Everyone in a committee of this round with the weight of their vote on the model, by ascending account.
    package var voters: [Member] {
        var weights: [AccountID: UInt64] = [:]
        for member in juries.flatMap(\.members) { weights[member.account] = member.weight }
        return weights.sorted { $0.key < $1.key }.map { Member(account: $0.key, weight: $0.value) }
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(job)
        writer.write(owner)
        writer.write(escrow)
        writer.write(phase.rawValue)
        writer.write(round)
        writer.write(failures)
        writer.write(model)
        writer.write(list: trainers)
        writer.write(deadline)
        writer.write(seed)
        writer.write(auditSeed)
        writer.write(list: receipts)
        writer.write(list: juries)
        writer.write(list: votes)
        writer.write(list: residuals)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> JobRecord {
        var record = JobRecord(job: try reader.read(), owner: try reader.read())
        record.escrow = try reader.read()
        let tag = try reader.readUInt8()
        guard let phase = Phase(rawValue: tag) else { throw .unknownTag(UInt64(tag), of: "Phase") }
        record.phase = phase
        record.round = try reader.readUInt32()
        record.failures = try reader.readUInt8()
        record.model = try reader.read()
        record.trainers = try reader.readList(limit: trainerLimit)
        record.deadline = try reader.readUInt64()
        record.seed = try reader.read()
        record.auditSeed = try reader.read()
        record.receipts = try reader.readList(limit: trainerLimit)
        record.juries = try reader.readList(limit: trainerLimit)
        record.votes = try reader.readList(limit: trainerLimit * memberLimit)
        record.residuals = try reader.readList(limit: trainerLimit)
        return record
    }
}

extension UpdateOutcome: Canonical {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .accepted: writer.write(UInt8(0))
        case .rejected(let fault):
            writer.write(UInt8(1))
            writer.write(fault)
        case .unverified: writer.write(UInt8(2))
        }
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> UpdateOutcome {
        switch try reader.readUInt8() {
        case 0: .accepted
        case 1: .rejected(try reader.read())
        case 2: .unverified
        case let tag: throw .unknownTag(UInt64(tag), of: "UpdateOutcome")
        }
    }
}
