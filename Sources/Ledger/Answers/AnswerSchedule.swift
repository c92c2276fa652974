import Keys
import Wire

extension Execution {
    /// Moves the answers on whose time has come: audits whose phase ends, the draw for those of the block before, disputes in which a side is
    /// late, pleas and appeals whose time is over, and the end of doubt.
    mutating func advanceAnswers() {
        endPhases()
        endDeadlines()
        drawAudits()
        endDisputes()
        endAnswers()
    }

    mutating func take(_ key: StateKey) -> [AnswerID] {
        guard let list = read(key, as: AnswerList.self) else { return [] }
        remove(key)
        return list.elements
    }

    func openAnswer(_ id: AnswerID) -> OpenAnswer? {
        guard case .open(let open) = read(.answer(id), as: AnswerState.self) else { return nil }
        return open
    }

    private mutating func endPhases() {
        for id in take(.auditDeadlines(height: context.height)) {
            // An audit may be over, and another one opened, before the last height of its phase.
            guard var open = openAnswer(id), var audit = open.audit else { continue }
            if audit.phase == .committing, audit.commitEnd == context.height {
                guard audit.seats.contains(where: { $0.commitment != nil }) else {
                    conclude(open, audit)
                    continue
                }
                openFindings(&audit, id)
                open.audit = audit
                write(.answer(id), AnswerState.open(open))
            } else if audit.phase == .revealing, audit.revealEnd == context.height {
                finish(open, audit)
            }
        }
    }

    mutating func openFindings(_ audit: inout AnswerAudit, _ id: AnswerID) {
        audit.phase = .revealing
        events.append(.answerFindingsOpened(id, deadline: audit.revealEnd))
    }

    /// Draws for the answers of the block before: nobody knew this block's beacon when they were signed and recorded.
    private mutating func drawAudits() {
        guard context.height > 0 else { return }
        let fresh = take(.drawing(height: context.height - 1))
        guard !fresh.isEmpty else { return }
        let candidates = auditors()
        for id in fresh {
            guard let open = openAnswer(id) else { continue }
            if let audit = open.audit {
                if audit.phase == .drawing { openAudit(open, audit, from: candidates) }
            } else if !isDisputed(id), lottery(id) {
                openAudit(open, AnswerAudit(accuser: nil), from: candidates)
            }
        }
    }

    private func lottery(_ id: AnswerID) -> Bool {
        var generator = SeededGenerator(seed: lot("audit lottery", id))
        return generator.next(below: 10_000) < UInt64(parameters.answers.auditShare)
    }

    private func lot(_ domain: Digest.Domain, _ id: AnswerID) -> Digest {
        var writer = ByteWriter(capacity: 104)
        writer.write(context.beacon)
        writer.write(context.height)
        writer.write(id)
        return Digest(of: writer.bytes, domain: domain)
    }

    /// Everyone who can be drawn: on the list, with stake, a node key, and not banned. By ascending account.
    private func auditors() -> [JobRecord.Member] {
        (read(.auditors, as: AccountList.self)?.elements ?? []).compactMap { id in
            let account = account(id)
            let stake = account.stake.seeds / Amount.seedsPerFIG
            guard hasValidNode(account), !account.isBanned, stake > 0,
                account.stake >= parameters.answers.providerStake
            else { return nil }
            return JobRecord.Member(account: id, weight: stake * account.reputation.level)
        }
    }

    /// Draws the committee. Without anybody to draw, an accuser gets its bond back and a lot means nothing.
    private mutating func openAudit(_ open: OpenAnswer, _ audit: AnswerAudit, from candidates: [JobRecord.Member]) {
        let id = open.answer.id
        let parties = [id.provider, open.answer.client, audit.accuser?.account]
        let others = candidates.filter { !parties.contains($0.account) }
        guard !others.isEmpty else {
            if audit.accuser != nil { conclude(open, audit) }
            return
        }
        var (open, audit) = (open, audit)
        audit.phase = .committing
        audit.seats = draw(Int(parameters.answers.committee), of: others, seed: lot("audit committee", id)).map {
            AnswerAudit.Seat(account: $0.account, weight: $0.weight)
        }
        audit.seed = lot("audit value", id)
        audit.commitEnd = context.height + UInt64(parameters.answers.commitWindow)
        audit.revealEnd = audit.commitEnd + UInt64(parameters.answers.revealWindow)
        open.audit = audit
        write(.answer(id), AnswerState.open(open))
        for height in [audit.commitEnd, audit.revealEnd] {
            var due = read(.auditDeadlines(height: height), as: AnswerList.self) ?? AnswerList()
            due.insert(id)
            write(.auditDeadlines(height: height), due)
        }
        events.append(
            .answerAuditOpened(
                LedgerEvent.AnswerAuditOpened(
                    answer: open.answer, accuser: audit.accuser?.account, members: audit.seats.map(\.account),
                    seed: audit.seed,
                    commitDeadline: audit.commitEnd, revealDeadline: audit.revealEnd)))
    }

    func isDisputed(_ id: AnswerID) -> Bool { read(.dispute(id), as: DisputeRecord.self) != nil }

    /// Nobody has doubted these in time. One whose audit or dispute runs is closed by its end.
    private mutating func endAnswers() {
        for id in take(.endingAnswers(height: context.height)) {
            if let open = openAnswer(id), open.audit == nil, open.appeal == nil, open.conviction == nil,
                !isDisputed(id)
            {
                close(open, .unaudited)
            }
        }
    }

    mutating func close(_ open: OpenAnswer, _ outcome: AnswerOutcome) {
        let id = open.answer.id
        unlock(open)
        write(.answer(id), AnswerState.closed(outcome))
        events.append(.answerClosed(id, outcome))
    }

    /// Frees the stake that covers an answer.
    mutating func unlock(_ open: OpenAnswer) {
        guard open.risk > .zero else { return }
        update(open.answer.id.provider) { $0.locked -= open.risk }
    }
}
