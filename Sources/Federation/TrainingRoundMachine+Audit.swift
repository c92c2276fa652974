internal import Keys
internal import Ledger
internal import Proofs

extension TrainingRoundMachine {
    mutating func advanceAudits(_ view: JobView, _ base: RoundBase, _ effects: inout [Effect]) {
        for committee in view.committees
        where committee.members.contains(account) && !view.decided.contains(committee.worker) {
            guard let receipt = view.receipt(of: committee.worker), let place = place(of: committee.worker) else {
                continue
            }
            let index = audit(of: receipt, committee, view, base, &effects)
            advanceAudit(index, place, committee, view, base, &effects)
        }
    }

    /// The index of the audit of `receipt`; begins it when there is none.
    private mutating func audit(
        of receipt: Receipt, _ committee: Committee, _ view: JobView, _ base: RoundBase,
        _ effects: inout [Effect]
    ) -> Int {
        if let index = audits.firstIndex(where: { $0.receipt == receipt }) { return index }
        let segments = Self.segments(of: receipt)
        let plan = AuditPlan(seed: view.auditSeed, receipt: receipt.id, members: committee.members, segments: segments)
        let proof = key.prove(alpha: Self.alpha(view, receipt))
        let output = key.publicKey.verify(proof, alpha: Self.alpha(view, receipt))?.digest ?? .zero
        let drawn = Verdict.draw(from: output, of: UInt32(clamping: segments))
        let audit = WorkerAudit(receipt: receipt, assigned: plan.shared(of: account), drawn: drawn, proof: proof)
        audits.append(audit)
        let share = Set(audit.assigned + drawn).sorted()
        effects.append(.report(.auditStarted(base.id, worker: receipt.worker, segments: share, of: segments)))
        return audits.count - 1
    }

    private mutating func advanceAudit(
        _ index: Int, _ place: Int, _ committee: Committee, _ view: JobView, _ base: RoundBase,
        _ effects: inout [Effect]
    ) {
        let worker = committee.worker
        let ballots = view.ballots.filter { $0.verdict.worker == worker && $0.member != account }
        let verdict: Verdict
        if let fault = audits[index].fault {
            verdict = self.verdict(audits[index], view, .fault(fault))
        } else {
            let parts = audits[index].duties + claims(in: ballots, of: audits[index].receipt)
            let open = parts.filter { audits[index].results[$0] != .passed }
            if open.isEmpty {
                verdict = self.verdict(audits[index], view, .clean)
            } else if isUnavailable(open, index, ballots, view) {
                verdict = self.verdict(audits[index], view, .fault(.unavailable))
            } else {
                start(open, index, place, committee, ballots, view, base, &effects)
                return
            }
        }
        submit(verdict, worker, view, &effects)
    }

    /// A fault that another member claims in a segment obliges this node to re-execute that segment.
    private func claims(in ballots: [JobView.Ballot], of receipt: Receipt) -> [CheckOrder.Part] {
        let segments = UInt64(Self.segments(of: receipt))
        let claimed = ballots.compactMap { ballot -> UInt32? in
            if case .fault(.segment(let index)) = ballot.verdict.finding, UInt64(index) < segments {
                index
            } else {
                nil
            }
        }
        return Set(claimed).sorted().map(CheckOrder.Part.segment)
    }

    /// In the last third of the audit a blob that cannot be fetched counts as withheld, unless another member has seen it.
    private func isUnavailable(
        _ open: [CheckOrder.Part], _ index: Int, _ ballots: [JobView.Ballot], _ view: JobView
    ) -> Bool {
        guard open.contains(where: { audits[index].results[$0] == .missing }), let start = auditStart,
            view.deadline > start
        else { return false }
        let patience = (view.deadline - start) * 2 / 3
        return height >= start + patience && !ballots.contains { $0.verdict.finding == .clean }
    }

    private mutating func start(
        _ parts: [CheckOrder.Part], _ index: Int, _ place: Int, _ committee: Committee,
        _ ballots: [JobView.Ballot], _ view: JobView, _ base: RoundBase, _ effects: inout [Effect]
    ) {
        let receipt = audits[index].receipt
        // Members that found the work clean hold the blobs, too.
        let witnesses = ballots.filter { $0.verdict.finding == .clean }.map(\.member)
        for part in parts where !audits[index].running.contains(part) {
            if audits[index].results[part] == .missing, audits[index].missingAt == height { continue }
            audits[index].running.insert(part)
            effects.append(
                .check(
                    CheckOrder(
                        base: base, receipt: receipt, place: place, residual: view.residuals[receipt.worker],
                        part: part, isRepeated: isRepeated(receipt, in: view),
                        holders: holders(first: [receipt.worker] + witnesses))))
        }
    }

    /// Whether the output or the trace is that of an earlier round, or of a peer that was recorded before.
    private func isRepeated(_ receipt: Receipt, in view: JobView) -> Bool {
        if view.earlier.contains(receipt.output) || view.earlier.contains(receipt.checkpoints) { return true }
        return view.receipts.contains { other in
            other.worker != receipt.worker
                && (other.output == receipt.output || other.checkpoints == receipt.checkpoints)
        }
    }

    private func verdict(_ audit: WorkerAudit, _ view: JobView, _ finding: Verdict.Finding) -> Verdict {
        Verdict(
            job: view.job, round: view.round, worker: audit.receipt.worker, receipt: audit.receipt.id,
            finding: finding, examined: audit.passedSegments, segments: audit.drawn, proof: audit.proof)
    }

    private mutating func submit(_ verdict: Verdict, _ worker: AccountID, _ view: JobView, _ effects: inout [Effect]) {
        let current = view.ballots.first { $0.member == account && $0.verdict.worker == worker }
        guard current?.verdict != verdict, isDue(.verdict(verdict)) else { return }
        if verdict.finding == .clean, let roundID {
            effects.append(.report(.auditPassed(roundID, worker: worker, reexecuted: verdict.examined)))
        }
        effects.append(.submit(.verdict(verdict)))
    }

    mutating func finishCheck(_ order: CheckOrder, _ result: CheckResult, _ effects: inout [Effect]) {
        guard order.base.id == roundID,
            let index = audits.firstIndex(where: { $0.receipt == order.receipt }),
            audits[index].running.remove(order.part) != nil
        else { return }
        audits[index].results[order.part] = result
        if result == .missing { audits[index].missingAt = height }
        let worker = order.receipt.worker
        if case .segment(let segment) = order.part, result != .missing {
            effects.append(
                .report(
                    .segmentReexecuted(order.base.id, worker: worker, segment: segment, equal: result == .passed)))
        }
        if case .failed(let fault) = result {
            effects.append(.report(.faultFound(order.base.id, worker: worker, fault)))
        }
    }

    /// What a member's own draw of segments is proved over: the seed of the audit, then the id of the receipt.
    static func alpha(_ view: JobView, _ receipt: Receipt) -> [UInt8] { Verdict.drawInput(view.auditSeed, receipt.id) }

    /// Segments that the receipt speaks of. A count beyond any plan leaves one, whose commitment check then fails.
    static func segments(of receipt: Receipt) -> Int {
        receipt.count >= 2 && receipt.count <= UInt32(Update.leafLimit) ? Int(receipt.count) - 1 : 1
    }
}
