package import Keys
internal import Ledger
package import Proofs
internal import Transport

/// Whom this provider answers before it is paid.
extension TillService {
    /// A client that has too much unpaid may pay some of it, and one whose channel is too small here may know blocks with more money
    /// in it, however many they are: less than a client waits for an answer to its question.
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
        if let fault = await grantOrWait(request, in: channel) { throw Refusal(.unpayable, "\(fault)") }
    }

    /// - Returns: why not, after the newest block: a client tops its channel up while it waits.
    private func grant(_ request: InferenceRequest, in channel: Digest) async -> Credit.Fault? {
        let state = await bank.state().0
        let price = Amount(seeds: request.maximumPrice)
        // The channel is over since it was shown.
        guard let line = book.content.lines[channel], let known = state.channel(channel) else {
            return .noRoom(price, left: .zero)
        }
        do throws(Credit.Fault) {
            try credit.lend(
                request.id, price, to: request.client, in: channel, line: line, deposit: known.deposit)
            return nil
        } catch { return error }
    }

    /// Tries again whenever somebody has paid, and after each block, for a while.
    private func grantOrWait(_ request: InferenceRequest, in channel: Digest) async -> Credit.Fault? {
        guard let first = await grant(request, in: channel) else { return nil }
        guard waiting.count < Self.waitingLimit else { return first }
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        lastWaiting += 1
        let number = lastWaiting
        waiting[number] = continuation
        // Somebody may have paid since it was asked first.
        continuation.yield()
        _ = try? await withDeadline(Self.creditPatience, "credit", clock: clock) {
            for await _ in stream {
                guard await self.grant(request, in: channel) != nil else { return }
            }
        }
        waiting[number] = nil
        // It may have been granted while the time ran out.
        return credit[request.id] != nil ? nil : first
    }

    func settle(_ job: Digest) {
        credit.release(job)
        lookAgain()
    }

    /// Answers that are under way or not paid yet.
    package var unpaid: Int { credit.count }

    /// Questions that wait for credit now.
    package var waitingCount: Int { waiting.count }

    /// Whoever waits for credit tries again.
    func lookAgain() { for continuation in waiting.values { continuation.yield() } }

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
