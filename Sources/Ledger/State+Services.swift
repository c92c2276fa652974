package import Keys

extension State {
    package func channel(_ id: Digest) -> Channel? { read(.channel(id)) }
    package func answer(_ id: AnswerID) -> AnswerState? { read(.answer(id)) }
    /// Of a key that the account has registered, now or before.
    package func certificate(of key: PublicKey, for account: AccountID) -> NodeCertificate? {
        read(.nodeKey(account, key))
    }
    /// What whoever doubts an answer now must put at stake: by its price, or by what the ledger has for it when that is more.
    package func bond(for answer: AnswerRecord) -> Amount {
        var payment = answer.payment
        if case .open(let open) = self.answer(answer.id) { payment = max(payment, open.answer.payment) }
        return parameters.answers.bond(of: payment)
    }
    package func dispute(_ id: AnswerID) -> DisputeRecord? { read(.dispute(id)) }
    /// What the referee of a running dispute knows of it.
    package func disputeState(_ id: AnswerID) -> [UInt8]? { read(.disputeState(id), as: DisputeState.self)?.bytes }
    /// Answers in dispute, ascending.
    package var disputes: [AnswerID] { read(.disputes, as: AnswerList.self)?.elements ?? [] }

    /// Whether this is what a dispute waits for, or begins one whose bond is there: it may be larger than other transactions.
    package func awaits(_ transaction: Transaction) -> Bool {
        switch transaction.operation {
        case .openDispute(let opening):
            return opening.bond >= parameters.answers.bond(of: .zero)
                && account(transaction.sender)?.balance ?? .zero >= opening.bond
        case .disputeMove(let turn):
            guard let dispute = dispute(turn.answer) else { return false }
            return dispute.mover == transaction.sender && dispute.moves == turn.number
        case .plead(let plant):
            guard case .open(let open) = answer(plant.answer) else { return false }
            return open.audit?.phase == .pleading && open.answer.client == transaction.sender
        case .showWitness(let shown):
            guard case .open(let open) = answer(shown.answer) else { return false }
            return open.appeal?.loners.contains { $0.account == transaction.sender } == true
        default: return false
        }
    }

    /// The answers of a provider that are found wrong after the block at `height`, while it can appeal and does not, by the heights at which that ends.
    package func convictions(of provider: AccountID, at height: UInt64) -> [OpenAnswer] {
        (1...UInt64(parameters.answers.convictionWindow)).flatMap { step -> [OpenAnswer] in
            let due = read(.answerDeadlines(height: height + step), as: AnswerList.self)?.elements ?? []
            return due.compactMap { id in
                guard id.provider == provider, case .open(let open) = answer(id), open.conviction?.end == height + step,
                    dispute(id) == nil
                else { return nil }
                return open
            }
        }
    }

    package var auditPool: Amount { read(.auditPool) ?? .zero }
    /// Accounts that can be drawn to audit answers, ascending.
    package var auditors: [AccountID] { read(.auditors, as: AccountList.self)?.elements ?? [] }

    /// The audits that run after the block at `height`, by the heights at which their phases end: what a member that starts again
    /// has to look at.
    package func audits(at height: UInt64) -> [OpenAnswer] {
        let windows = parameters.answers
        var seen: Set<AnswerID> = []
        var running: [OpenAnswer] = []
        for step in 1...UInt64(windows.commitWindow) + UInt64(windows.revealWindow) {
            for id in read(.auditDeadlines(height: height + step), as: AnswerList.self)?.elements ?? [] {
                guard seen.insert(id).inserted, case .open(let open) = answer(id), open.audit != nil else { continue }
                running.append(open)
            }
        }
        for step in 1...UInt64(windows.pleaWindow) {
            for id in read(.answerDeadlines(height: height + step), as: AnswerList.self)?.elements ?? [] {
                guard case .open(let open) = answer(id), open.audit?.phase == .pleading, seen.insert(id).inserted else {
                    continue
                }
                running.append(open)
            }
        }
        return running
    }
}
