package import Keys
internal import Ledger
package import Proofs
internal import Transport

/// Whom this provider answers before it is paid.
extension TillService {
    /// A client that has too much unpaid may pay some of it: less than a client waits for an answer to its question.
    private static var creditPatience: Duration { .seconds(10) }
    /// Questions that may wait for credit.
    private static var waitingLimit: Int { 1024 }

    package func lend(_ request: InferenceRequest, channel: Digest?) async throws(Refusal) {
        let state = await bank.state().0
        let price = Amount(seeds: request.maximumPrice)
        if request.verification == .fraud { try cover(price, in: state) }
        guard request.pricePerToken > 0, request.client != account else { return }
        guard let channel else {
            throw Refusal(.unpayable, "An answer costs \(price) at most: show a voucher of a channel to here first.")
        }
        guard let known = state.channel(channel), book.content.lines[channel] != nil, known.payer == request.client,
            known.payee == account
        else { throw Refusal(.unpayable, "\(PayeeBook.Fault.otherParties(channel))") }
        let first = grant(request, in: channel, known)
        guard case .tooManyUnpaid? = first else {
            if let first { throw Refusal(.unpayable, "\(first)") }
            return
        }
        if let fault = await wait(for: request, in: channel, known) { throw Refusal(.unpayable, "\(fault)") }
    }

    /// - Returns: why not.
    private func grant(_ request: InferenceRequest, in channel: Digest, _ known: Channel) -> Credit.Fault? {
        // The channel is over since it was shown.
        guard let line = book.content.lines[channel] else {
            return .noRoom(Amount(seeds: request.maximumPrice), left: .zero)
        }
        do throws(Credit.Fault) {
            try credit.lend(
                request.id, Amount(seeds: request.maximumPrice), to: request.client, in: channel, line: line,
                deposit: known.deposit)
            return nil
        } catch { return error }
    }

    /// Tries again whenever somebody has paid, for a while.
    private func wait(for request: InferenceRequest, in channel: Digest, _ known: Channel) async -> Credit.Fault? {
        let refused = grant(request, in: channel, known)
        guard refused != nil, waiting.count < Self.waitingLimit else { return refused }
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        lastWaiting += 1
        let number = lastWaiting
        waiting[number] = continuation
        let isGranted = try? await withDeadline(Self.creditPatience, "credit") {
            for await _ in stream where await self.grant(request, in: channel, known) == nil { return true }
            return false
        }
        waiting[number] = nil
        // It may have been granted while the time ran out.
        return isGranted ?? false || credit[request.id] != nil ? nil : refused
    }

    func settle(_ job: Digest) {
        credit.release(job)
        for continuation in waiting.values { continuation.yield() }
    }

    /// Whether this provider's stake can stand for an answer, with those that wait for the ledger.
    private func cover(_ price: Amount, in state: State) throws(Refusal) {
        let rules = state.parameters.answers
        let own = state.account(account) ?? Account()
        guard own.stake >= rules.providerStake else {
            throw Refusal(
                .uncovered,
                "The stake here is \(own.stake), and answers that it stands for need \(rules.providerStake): ask with merkle."
            )
        }
        let waiting = book.content.due.reduce(rules.risk(of: price)) { sum, due in
            sum.adding(rules.risk(of: due.payment)) ?? Amount(seeds: .max)
        }
        guard waiting <= own.free else {
            throw Refusal(
                .uncovered,
                "Of the stake here \(own.free) are free, and this answer would risk \(rules.risk(of: price)): ask for fewer tokens, or with merkle."
            )
        }
    }
}
