import Keys
import Wire

extension Execution {
    /// Ends a round: pays, slashes, remembers, and opens the next one with the new model, or finishes the job.
    ///
    /// A round may spend `budget ÷ rounds`. A trainer's payment is an equal share of the trainers' part for as many trainers as the
    /// job asked for, so that nobody earns by the rejection or the absence of another, and no payment outgrows the slash that the
    /// job's stake was measured by. What is not paid stays in the escrow and goes back to the owner in the end. Rounded down.
    mutating func settle(_ record: inout JobRecord, _ id: Digest, model: Digest) {
        let payments = pay(&record, id)
        let slashes = slashRejected(record, id)
        var residuals = Dictionary(uniqueKeysWithValues: record.residuals.map { ($0.account, $0.digest) })
        for receipt in record.accepted { residuals[receipt.worker] = receipt.residual }
        record.residuals = residuals.sorted { $0.key < $1.key }.map {
            JobRecord.Entry(account: $0.key, digest: $0.value)
        }
        write(
            .history(job: id, round: record.round),
            RoundHistory(digests: record.receipts.flatMap { [$0.output, $0.checkpoints] }))
        record.model = model
        events.append(
            .roundSettled(
                LedgerEvent.RoundSettled(
                    job: id, round: record.round, model: model, payments: payments, slashes: slashes)))
        forgetVerdicts(record, id)
        record.failures = 0
        if record.round + 1 < record.job.rounds {
            record.round += 1
            openRound(&record, id)
        } else {
            close(&record, id, completed: true)
        }
    }

    /// A round that came to no end: what was rejected is slashed all the same; the round is opened again, or the job is closed.
    mutating func fail(_ record: inout JobRecord, _ id: Digest) {
        _ = slashRejected(record, id)
        forgetVerdicts(record, id)
        events.append(.roundFailed(job: id, round: record.round))
        record.failures += 1
        if UInt32(record.failures) > parameters.roundRetries {
            close(&record, id, completed: false)
        } else {
            openRound(&record, id)
        }
    }

    mutating func close(_ record: inout JobRecord, _ id: Digest, completed: Bool) {
        record.phase = completed ? .finished : .failed
        record.deadline = 0
        credit(record.owner, record.escrow)
        record.escrow = .zero
        record.receipts = []
        record.juries = []
        record.votes = []
        var open = read(.openJobs, as: DigestList.self) ?? DigestList()
        open.remove(id)
        write(.openJobs, open)
        events.append(.jobFinished(id, completed: completed))
    }

    private mutating func pay(_ record: inout JobRecord, _ id: Digest) -> [LedgerEvent.Movement] {
        let budget = record.job.budget.times(1, over: UInt64(record.job.rounds))
        let forTrainers = budget.times(UInt64(parameters.trainersShare), over: 10_000)
        let forVerifiers = budget - forTrainers
        let payment = Amount(seeds: forTrainers.seeds / UInt64(record.job.trainers))
        var payments: [AccountID: Amount] = [:]
        for receipt in record.accepted {
            payments[receipt.worker, default: .zero] += payment
            change(receipt.worker) { $0.succeed(at: $1) }
        }
        // A seat in a committee earns the same everywhere, for a verdict that the outcome bears out.
        let seats = UInt64(record.juries.reduce(0) { $0 + $1.members.count })
        for jury in record.juries {
            for member in jury.members {
                guard let verdict = verdict(job: id, worker: jury.worker, member: member.account) else { continue }
                switch (jury.outcome, verdict.finding.fault) {
                case (.accepted, nil), (.rejected, .some):
                    payments[member.account, default: .zero] += Amount(seeds: forVerifiers.seeds / seats)
                    change(member.account) { $0.succeed(at: $1) }
                // What could not be fetched is nothing that others can re-execute: no lie is proven.
                case (.accepted, .unavailable): break
                case (.accepted, .some):
                    punishFalseVerdict(member.account, payment: record.job.trainerPayment(parameters))
                case (.rejected, nil): change(member.account) { $0.fail(1, at: $1) }
                case (.unverified, _), (nil, _): break
                }
            }
        }
        let sorted = payments.filter { $0.value > .zero }.sorted { $0.key < $1.key }
        for (account, amount) in sorted { credit(account, amount) }
        record.escrow -= sorted.reduce(.zero) { $0 + $1.value }
        return sorted.map { LedgerEvent.Movement(account: $0.key, amount: $0.value) }
    }

    /// Half of what a cheat costs goes to the owner of the job, who lost a round's work; the rest to the treasury.
    private mutating func slashRejected(_ record: JobRecord, _ id: Digest) -> [LedgerEvent.Movement] {
        var movements: [LedgerEvent.Movement] = []
        for jury in record.juries {
            guard case .rejected = jury.outcome else { continue }
            change(jury.worker) { $0.fail(6, at: $1) }
            let amount = record.job.trainerPayment(parameters).times(UInt64(parameters.rejectedUpdateSlash), over: 1)
            let taken = slash(jury.worker, amount, reason: .rejectedUpdate)
            let toOwner = Amount(seeds: taken.seeds / 2)
            credit(record.owner, toOwner)
            creditTreasury(taken - toOwner)
            if taken > .zero { movements.append(LedgerEvent.Movement(account: jury.worker, amount: taken)) }
        }
        return movements
    }

    private mutating func punishFalseVerdict(_ member: AccountID, payment: Amount) {
        change(member) { $0.fail(6, at: $1) }
        creditTreasury(
            slash(member, payment.times(UInt64(parameters.falseVerdictSlash), over: 1), reason: .falseVerdict))
    }

    private mutating func forgetVerdicts(_ record: JobRecord, _ id: Digest) {
        for jury in record.juries {
            for member in jury.members {
                remove(.verdict(job: id, worker: jury.worker, member: member.account))
            }
        }
    }

    private mutating func change(_ id: AccountID, _ body: (inout Reputation, _ time: UInt64) -> Void) {
        var account = account(id)
        body(&account.reputation, context.time)
        write(.account(id), account)
    }
}
