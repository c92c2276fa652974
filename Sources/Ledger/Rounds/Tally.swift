import Keys
import Wire

extension Execution {
    /// Decides on the updates about which enough has been said.
    ///
    /// Rejected: more than two thirds of the committee's weight found a fault. Accepted: more than two thirds found none, have
    /// re-executed every segment that anyone claims to be false, and everybody has spoken or the time is over, so that one
    /// member's finding is never outrun by the others' haste. Otherwise, when the time is over: unverified.
    mutating func decide(_ record: inout JobRecord, _ id: Digest, isLate: Bool) {
        for index in record.juries.indices where record.juries[index].outcome == nil {
            let jury = record.juries[index]
            guard let outcome = outcome(of: jury, job: id, isLate: isLate) else { continue }
            record.juries[index].outcome = outcome
            events.append(.updateDecided(job: id, round: record.round, worker: jury.worker, outcome))
        }
    }

    private func outcome(of jury: JobRecord.Jury, job: Digest, isLate: Bool) -> UpdateOutcome? {
        let ballots = jury.members.map { member in
            (weight: member.weight, verdict: verdict(job: job, worker: jury.worker, member: member.account))
        }
        let total = ballots.reduce(UInt64(0)) { $0 + $1.weight }
        let verdicts = ballots.compactMap(\.verdict)
        let faults = verdicts.compactMap(\.finding.fault)
        let against = ballots.reduce(UInt64(0)) { $0 + ($1.verdict?.finding.fault == nil ? 0 : $1.weight) }
        if let fault = faults.min(), isQuorum(against, of: total) { return .rejected(fault) }
        let claimed = Set(faults.compactMap(\.segment))
        let inFavour = ballots.reduce(UInt64(0)) { sum, ballot in
            guard let verdict = ballot.verdict, verdict.finding == .clean else { return sum }
            return claimed.isSubset(of: Set(verdict.examined + verdict.segments)) ? sum + ballot.weight : sum
        }
        if isQuorum(inFavour, of: total), isLate || verdicts.count == jury.members.count { return .accepted }
        return isLate ? .unverified : nil
    }

    func verdict(job: Digest, worker: AccountID, member: AccountID) -> Verdict? {
        read(.verdict(job: job, worker: worker, member: member))
    }
}

extension Verdict.Finding {
    package var fault: Fault? {
        if case .fault(let fault) = self { fault } else { nil }
    }
}

extension Fault: Comparable {
    package var segment: UInt32? {
        if case .segment(let index) = self { index } else { nil }
    }

    /// Segments first, by index: the order decides which of several faults a rejection names.
    package static func < (left: Fault, right: Fault) -> Bool {
        left.canonicalBytes.lexicographicallyPrecedes(right.canonicalBytes)
    }
}
