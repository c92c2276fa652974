package import Keys
package import Ledger
package import Proofs

extension PayeeBook {
    /// What the ledger would take of the answers that are due.
    package struct Recording: Hashable, Sendable {
        package internal(set) var batch: [AnswerRecord] = []
        /// On the ledger already, be it recorded, accused or in dispute; or nobody here can show it any more. Never to be recorded.
        package internal(set) var over: [Digest] = []
        /// How many wait until more of the stake is free.
        package internal(set) var uncovered = 0
    }

    /// Answers that are looked at, from the oldest: eight batches.
    private static let look = 8 * AnswerRecord.batchLimit

    /// The next answers to record. The ledger takes a batch whole or not at all, so what it would not take is left out here.
    /// - Parameters:
    ///   - limit: answers in the batch.
    ///   - exchange: what is kept of a job.
    package func recording(
        of provider: AccountID, in state: State, limit: Int = AnswerRecord.batchLimit, exchange: (Digest) -> Exchange?
    ) -> Recording {
        let rules = state.parameters.answers
        let own = state.account(provider) ?? Account()
        var (found, risk) = (Recording(), Amount.zero)
        for due in due.prefix(Self.look) where found.batch.count < limit {
            guard state.answer(AnswerID(provider: provider, job: due.job)) == nil, let exchange = exchange(due.job)
            else {
                found.over.append(due.job)
                continue
            }
            guard state.certificate(of: exchange.receipt.key, for: provider) != nil else {
                // A key that is not registered yet will be; one that another has replaced before that never is.
                if let node = own.node, node.node != exchange.receipt.key { found.over.append(due.job) }
                continue
            }
            guard let sum = risk.adding(rules.risk(of: due.payment)), sum <= own.free else {
                found.uncovered += 1
                continue
            }
            risk = sum
            found.batch.append(
                AnswerRecord(signed: exchange.receipt, client: exchange.request.request.client, payment: due.payment))
        }
        return found
    }
}
