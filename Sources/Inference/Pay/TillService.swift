package import Keys
internal import Ledger
package import Logging
package import Proofs
package import Store
internal import Transport
internal import Wire

/// Takes payments for the answers of this node and takes them to the ledger: the only place where ``PayeeBook`` meets disk and ledger.
///
/// A voucher is written down before its client hears of it. Answers that somebody may want to audit are put on the ledger in batches.
package actor TillService: Till {
    /// A client may know a block that is not here yet.
    private static let blockPatience: Duration = .seconds(8)
    /// A client that has too much unpaid may pay some of it: less than a client waits for an answer to its question.
    private static let creditPatience: Duration = .seconds(10)
    /// Questions that may wait for credit.
    private static let waitingLimit = 1024

    nonisolated let account: AccountID
    nonisolated let bank: any Bank
    nonisolated let kept: KeptAnswers<Exchange>
    nonisolated let logger: Logger
    var book: BookOnDisk<PayeeBook>
    var credit = Credit()
    /// Those who wait for credit: told when somebody pays.
    private var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
    private var lastWaiting = 0
    /// Claims and records that are in no block yet: until which height they are waited for.
    var claiming: [Digest: UInt64] = [:]
    var recording: (jobs: Set<Digest>, until: UInt64) = ([], 0)
    /// The last reason for which answers are not recorded; told once.
    var complaint: String?

    /// - Parameters:
    ///   - account: the provider, whose node key signs claims.
    ///   - kept: the answers, of which records are made.
    package init(
        account: AccountID, bank: any Bank, kept: KeptAnswers<Exchange>, disk: any Disk, directory: String = "payee",
        logger: Logger
    ) throws(StoreError) {
        self.account = account
        self.bank = bank
        self.kept = kept
        self.logger = logger
        book = try BookOnDisk(on: disk, directory: directory)
    }

    /// What this node was promised.
    package var promises: PayeeBook { book.content }

    // MARK: One question

    package func show(_ voucher: [UInt8]) async throws(Refusal) -> Digest {
        let signed = try decode(voucher)
        let channel = try await check(signed, from: nil)
        let rules = ChannelRules(await bank.state().0.parameters)
        let height = await bank.state().height
        guard channel.end > height + rules.margin / 2, !channel.isClosing else {
            throw Refusal(.unpayable, "\(PayeeBook.Fault.ending(at: channel.end))")
        }
        try accept(signed, from: channel.payer)
        await chargeFinished(in: signed.voucher.channel)
        return signed.voucher.channel
    }

    /// A voucher that its client could not send with the answer pays for it all the same.
    private func chargeFinished(in channel: Digest) async {
        for (job, seeds) in credit.finished(in: channel) {
            guard let entry = try? book.content.charge(job, seeds, to: channel), (try? book.note(entry)) != nil else {
                return
            }
            settle(job)
            await noteDue(job, seeds)
        }
    }

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

    private func settle(_ job: Digest) {
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

    package func finish(_ exchange: Exchange) async {
        let request = exchange.request.request
        let price = Amount(seeds: exchange.price)
        credit.fix(request.id, at: price, height: await bank.state().height)
        // What costs something is recorded when it is paid: a client that does not pay gets no stake to stand for it.
        if request.verification == .fraud || (price == .zero && request.verification != .none) {
            await noteDue(request.id, price)
        }
    }

    package func release(_ job: Digest) async { settle(job) }

    package func take(_ voucher: [UInt8], for exchange: Exchange) async throws(Refusal) {
        let request = exchange.request.request
        let seeds = Amount(seeds: exchange.price)
        let signed = try decode(voucher)
        if book.content.paid[request.id] == nil {
            let channel = try await check(signed, from: request.client)
            try accept(signed, from: channel.payer)
            do {
                if let entry = try book.content.charge(request.id, seeds, to: signed.voucher.channel) {
                    try book.note(entry)
                }
            } catch let fault as PayeeBook.Fault {
                throw Refusal(.unpayable, "\(fault)")
            } catch { throw refusal(error) }
            if request.verification != .none { await noteDue(request.id, seeds) }
        }
        settle(request.id)
    }

    private func decode(_ voucher: [UInt8]) throws(Refusal) -> SignedVoucher {
        do { return try SignedVoucher(canonicalBytes: voucher) } catch {
            throw Refusal(.badRequest, "The voucher does not decode: \(error)")
        }
    }

    private func accept(_ signed: SignedVoucher, from payer: AccountID) throws(Refusal) {
        guard let entry = book.content.entry(for: signed, payer: payer) else { return }
        do throws(StoreError) { try book.note(entry) } catch { throw refusal(error) }
    }

    private func refusal(_ error: any Error) -> Refusal {
        logger.error("the payee's book cannot be written: \(error)")
        return Refusal(.failed, "The payment could not be written down, so it is not taken.")
    }

    /// Looks again after each block, when a later one may know the channel.
    private func check(_ signed: SignedVoucher, from payer: AccountID?) async throws(Refusal) -> Channel {
        let first = await find(signed, payer)
        if case .success(let channel) = first { return channel }
        guard case .failure(let fault) = first, fault.isAboutTheLedger else { throw Self.refusal(first) }
        let later = try? await withDeadline(Self.blockPatience, "a block with the channel") { [bank] in
            for await _ in await bank.blocks() {
                let found = await self.find(signed, payer)
                if case .failure(let fault) = found, fault.isAboutTheLedger { continue }
                return found
            }
            return first
        }
        guard case .success(let channel) = later ?? first else { throw Self.refusal(later ?? first) }
        return channel
    }

    private static func refusal(_ result: Result<Channel, PayeeBook.Fault>) -> Refusal {
        guard case .failure(let fault) = result else { return Refusal(.failed, "The channel was lost.") }
        return Refusal(.unpayable, "\(fault)")
    }

    private func find(_ signed: SignedVoucher, _ payer: AccountID?) async -> Result<Channel, PayeeBook.Fault> {
        let state = await bank.state().0
        do throws(PayeeBook.Fault) {
            return .success(try book.content.check(signed, from: payer, to: account, in: state))
        } catch { return .failure(error) }
    }
}
