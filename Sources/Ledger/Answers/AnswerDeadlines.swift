import Keys
import Wire

extension Execution {
    /// Puts an answer on the list of those that are looked at again at a height: the first one from `height` on whose list has room, since one block
    /// may end more audits than a list holds.
    mutating func postpone(_ id: AnswerID, to height: UInt64) -> UInt64 {
        var height = height
        while true {
            var due = read(.answerDeadlines(height: height), as: AnswerList.self) ?? AnswerList()
            if due.elements.count < AnswerList.limit || due.elements.contains(id) {
                due.insert(id)
                write(.answerDeadlines(height: height), due)
                return height
            }
            height += 1
        }
    }

    /// Begins the time in which what a committee has found of the answer can be disputed, or begins it again.
    /// - Returns: the height at which the finding stands.
    @discardableResult
    mutating func beginWindow(of open: OpenAnswer) -> UInt64 {
        var open = open
        let length = open.conviction == nil ? parameters.answers.appealWindow : parameters.answers.convictionWindow
        let end = postpone(open.answer.id, to: context.height + UInt64(length))
        open.appeal?.end = end
        open.conviction?.end = end
        write(.answer(open.answer.id), AnswerState.open(open))
        return end
    }

    /// Ends the audits for which nobody has pleaded, and the appeals that nobody has made.
    mutating func endDeadlines() {
        for id in take(.answerDeadlines(height: context.height)) {
            guard let open = openAnswer(id) else { continue }
            if let audit = open.audit {
                if audit.phase == .pleading, audit.pleaEnd == context.height { conclude(open, audit) }
            } else if let appeal = open.appeal, appeal.end == context.height, !isDisputed(id) {
                close(open, appeal.outcome)
            } else if let conviction = open.conviction, conviction.end == context.height, !isDisputed(id) {
                uphold(conviction, of: open)
            }
        }
    }

    /// Nothing will be said any more. What speaks against an answer waits for a plea; all else is decided.
    mutating func finish(_ open: OpenAnswer, _ audit: AnswerAudit) {
        guard let finding = AuditDecision(of: audit.seats).finding, !finding.isCorrect else {
            return conclude(open, audit)
        }
        var (open, audit) = (open, audit)
        audit.phase = .pleading
        audit.pleaEnd = postpone(open.answer.id, to: context.height + UInt64(parameters.answers.pleaWindow))
        open.audit = audit
        write(.answer(open.answer.id), AnswerState.open(open))
        events.append(.answerPleading(open.answer.id, deadline: audit.pleaEnd))
    }
}
