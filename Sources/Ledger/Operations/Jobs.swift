import Keys
import Wire

extension Execution {
    mutating func post(_ job: TrainingJob, id: Digest, owner: AccountID) throws(Failure) {
        guard job.budget > .zero else { throw .zeroAmount }
        guard (1...10_000).contains(job.rounds) else { throw .jobTerms("a job has 1 to 10,000 rounds") }
        guard (1...UInt32(JobRecord.trainerLimit)).contains(job.trainers) else {
            throw .jobTerms("a job has 1 to \(JobRecord.trainerLimit) trainers")
        }
        guard (1...UInt32(JobRecord.memberLimit)).contains(job.committee) else {
            throw .jobTerms("a committee has 1 to \(JobRecord.memberLimit) members")
        }
        for window in [job.trainWindow, job.auditWindow, job.aggregateWindow] where !(1...1_000_000).contains(window) {
            throw .jobTerms("a window has 1 to 1,000,000 heights")
        }
        let windows = UInt64(job.trainWindow) + UInt64(job.auditWindow) + UInt64(job.aggregateWindow)
        guard windows <= parameters.unbondingBlocks else {
            throw .jobTerms(
                "the windows of a round are longer than the \(parameters.unbondingBlocks) heights that stake stays bound"
            )
        }
        // A cheat that is caught must cost more than it could have won; the stake has to be there to take.
        let needed = job.rejectionSlash(parameters)
        guard job.minimumStake >= needed else {
            throw .jobTerms("the minimum stake of \(job.minimumStake) does not cover a slash of \(needed)")
        }
        var open = read(.openJobs, as: DigestList.self) ?? DigestList()
        guard open.elements.count < DigestList.limit else { throw .tooManyJobs }
        try debit(owner, job.budget)
        open.insert(id)
        write(.openJobs, open)
        write(.job(id), JobRecord(job: job, owner: owner))
        events.append(.jobPosted(id))
    }

    mutating func join(_ id: Digest, _ sender: AccountID) throws(Failure) {
        var record = try job(id)
        guard record.phase == .gathering else { throw .phase(record.phase) }
        guard !record.trainers.contains(sender) else { throw .alreadyJoined }
        guard record.trainers.count < Int(record.job.trainers) else { throw .jobFull }
        let account = account(sender)
        guard !account.isBanned else { throw .banned }
        guard hasValidNode(account) else { throw .unregisteredNode }
        guard account.stake >= record.job.minimumStake else {
            throw .stake(account.stake, needed: record.job.minimumStake)
        }
        record.trainers.append(sender)
        write(.job(id), record)
        events.append(.trainerJoined(job: id, account: sender))
    }

    /// Starts with the trainers that are there; without any the job is closed.
    mutating func openFirstRound(_ id: Digest, owner: AccountID) throws(Failure) {
        var record = try job(id)
        guard record.owner == owner else { throw .notTheOwner }
        guard record.phase == .gathering else { throw .phase(record.phase) }
        // Nobody has come: the owner gets the budget back.
        if record.trainers.isEmpty { close(&record, id, completed: false) } else { openRound(&record, id) }
        write(.job(id), record)
    }

    mutating func record(_ receipt: Receipt, from sender: AccountID) throws(Failure) {
        var record = try job(receipt.job)
        guard record.phase == .training else { throw .phase(record.phase) }
        guard receipt.worker == sender, record.trainers.contains(sender) else { throw .notATrainer }
        guard receipt.round == record.round else { throw .wrongRound(receipt.round, running: record.round) }
        guard record.receipt(of: sender) == nil else { throw .repeatedReceipt }
        guard receipt.input == record.model else { throw .receiptMismatch("input") }
        guard receipt.code == record.job.specification else { throw .receiptMismatch("code") }
        guard receipt.seed == record.seed else { throw .receiptMismatch("seed") }
        guard receipt.count >= 2, receipt.count - 1 <= UInt32(Verdict.segmentLimit) else {
            throw .receiptMismatch("count")
        }
        guard canTrain(sender, record.job) else {
            throw .stake(account(sender).stake, needed: record.job.rejectionSlash(parameters))
        }
        record.receipts.append(receipt)
        write(.job(receipt.job), record)
        events.append(.receiptRecorded(receipt))
    }

    mutating func record(_ verdict: Verdict, from sender: AccountID) throws(Failure) {
        let record = try job(verdict.job)
        guard record.phase == .auditing else { throw .phase(record.phase) }
        guard verdict.round == record.round else { throw .wrongRound(verdict.round, running: record.round) }
        guard let receipt = record.receipt(of: verdict.worker), receipt.id == verdict.receipt else {
            throw .receiptMismatch("id")
        }
        guard let jury = record.juries.first(where: { $0.worker == verdict.worker }),
            jury.members.contains(where: { $0.account == sender })
        else { throw .notAMember }
        guard jury.outcome == nil else { throw .decided }
        let last = receipt.count - 2
        guard (verdict.segments + verdict.examined).allSatisfy({ $0 <= last }) else { throw .segments }
        if case .fault(.segment(let segment)) = verdict.finding, segment > last { throw .segments }
        guard let key = account(sender).node?.node else { throw .unregisteredNode }
        // A member that corrects its verdict draws nothing new: the proof it gave stands.
        let former = self.verdict(verdict, by: sender)
        if former?.proof != verdict.proof || former?.segments != verdict.segments {
            let input = Verdict.drawInput(record.auditSeed, verdict.receipt)
            guard let output = key.verify(verdict.proof, alpha: input) else { throw .drawProof }
            guard verdict.segments == Verdict.draw(from: output.digest, of: receipt.count - 1) else { throw .segments }
        }
        write(.verdict(job: verdict.job, worker: verdict.worker, member: sender), verdict)
        events.append(.verdictRecorded(verdict, by: sender))
    }

    private func verdict(_ verdict: Verdict, by member: AccountID) -> Verdict? {
        read(.verdict(job: verdict.job, worker: verdict.worker, member: member))
    }

    mutating func record(_ aggregate: Aggregate, from sender: AccountID) throws(Failure) {
        var record = try job(aggregate.job)
        guard record.phase == .aggregating else { throw .phase(record.phase) }
        guard aggregate.round == record.round else { throw .wrongRound(aggregate.round, running: record.round) }
        guard record.voters.contains(where: { $0.account == sender }) else { throw .notAMember }
        guard !record.votes.contains(where: { $0.account == sender }) else { throw .repeatedVote }
        record.votes.append(JobRecord.Entry(account: sender, digest: aggregate.model))
        write(.job(aggregate.job), record)
    }
}
