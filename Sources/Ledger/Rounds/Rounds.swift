import Keys
import Wire

extension Execution {
    /// Moves every open job on when all have spoken, or when the last height of its phase is here.
    mutating func advanceRounds() {
        for id in read(.openJobs, as: DigestList.self)?.elements ?? [] {
            guard var record: JobRecord = read(.job(id)) else { continue }
            let before = record
            advance(&record, id)
            if record != before { write(.job(id), record) }
        }
    }

    private mutating func advance(_ record: inout JobRecord, _ id: Digest) {
        let isLate = context.height >= record.deadline
        switch record.phase {
        case .gathering:
            if record.trainers.count == Int(record.job.trainers) { openRound(&record, id) }
        case .training:
            guard isLate || hasAllReceipts(record) else { return }
            if record.receipts.isEmpty { fail(&record, id) } else { openAudit(&record, id) }
        case .auditing:
            decide(&record, id, isLate: isLate)
            guard record.juries.allSatisfy({ $0.outcome != nil }) else { return }
            openAggregation(&record, id)
        case .aggregating:
            if let model = agreedModel(record) {
                settle(&record, id, model: model)
            } else if isLate {
                fail(&record, id)
            }
        case .finished, .failed: break
        }
    }

    /// Whether everybody whose receipt would be taken has sent one.
    private func hasAllReceipts(_ record: JobRecord) -> Bool {
        record.trainers.allSatisfy { record.receipt(of: $0) != nil || !canTrain($0, record.job) }
            && !record.receipts.isEmpty
    }

    /// Whether the account still has what a false update would cost, beyond what covers its answers, and a node.
    func canTrain(_ id: AccountID, _ job: TrainingJob) -> Bool {
        let account = account(id)
        return !account.isBanned && hasValidNode(account) && account.free >= job.rejectionSlash(parameters)
    }

    /// Begins the round of `record.round`. Its seed comes from this block's beacon, which nobody knew when the job was joined.
    mutating func openRound(_ record: inout JobRecord, _ id: Digest) {
        record.phase = .training
        record.deadline = context.height + UInt64(record.job.trainWindow)
        record.seed = lot("round seed", id, record.round)
        record.auditSeed = .zero
        record.receipts = []
        record.juries = []
        record.votes = []
        events.append(
            .roundOpened(
                LedgerEvent.RoundOpened(
                    job: id, round: record.round, model: record.model, seed: record.seed, deadline: record.deadline)))
    }

    /// Draws a committee for each receipt; all receipts were fixed before this block's beacon was known.
    private mutating func openAudit(_ record: inout JobRecord, _ id: Digest) {
        record.phase = .auditing
        record.deadline = context.height + UInt64(record.job.auditWindow)
        record.auditSeed = lot("audit seed", id, record.round)
        let candidates = verifiers()
        record.juries = record.receipts.map { receipt in
            let others = candidates.filter { $0.account != receipt.worker }
            let seed = Digest(of: record.auditSeed.bytes + receipt.id.bytes, domain: "committee")
            return JobRecord.Jury(
                worker: receipt.worker, members: draw(Int(record.job.committee), of: others, seed: seed), outcome: nil)
        }
        events.append(
            .auditOpened(
                LedgerEvent.AuditOpened(
                    job: id, round: record.round,
                    committees: zip(record.receipts, record.juries).map { receipt, jury in
                        Committee(worker: jury.worker, receipt: receipt.id, members: jury.members.map(\.account))
                    }, seed: record.auditSeed, deadline: record.deadline)))
    }

    private mutating func openAggregation(_ record: inout JobRecord, _ id: Digest) {
        record.phase = .aggregating
        record.deadline = context.height + UInt64(record.job.aggregateWindow)
        let accepted = record.accepted
        guard !accepted.isEmpty else {
            let isDecided = record.juries.contains { $0.outcome != .unverified }
            // All rejected: the model stays and the verifiers are paid. Nothing decided: nobody's work counts.
            return isDecided ? settle(&record, id, model: record.model) : fail(&record, id)
        }
        events.append(
            .aggregationOpened(job: id, round: record.round, accepted: accepted, deadline: record.deadline))
    }

    /// The model that more than two thirds of the voters' weight name.
    private func agreedModel(_ record: JobRecord) -> Digest? {
        let voters = record.voters
        let total = voters.reduce(0) { $0 + $1.weight }
        let weights = Dictionary(uniqueKeysWithValues: voters.map { ($0.account, $0.weight) })
        return record.votes.map(\.digest).first { model in
            let weight = record.votes.filter { $0.digest == model }.reduce(0) { $0 + (weights[$1.account] ?? 0) }
            return isQuorum(weight, of: total)
        }
    }

    /// Strictly more than two thirds.
    func isQuorum(_ weight: UInt64, of total: UInt64) -> Bool {
        let (left, right) = (weight.multipliedFullWidth(by: 3), total.multipliedFullWidth(by: 2))
        return (left.high, left.low) > (right.high, right.low)
    }

    private func lot(_ domain: Digest.Domain, _ job: Digest, _ round: UInt32) -> Digest {
        var writer = ByteWriter(capacity: 80)
        writer.write(context.beacon)
        writer.write(job)
        writer.write(round)
        writer.write(context.height)
        return Digest(of: writer.bytes, domain: domain)
    }
}
