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

    nonisolated let account: AccountID
    nonisolated let bank: any Bank
    nonisolated let kept: KeptAnswers<Exchange>
    nonisolated let logger: Logger
    nonisolated let clock: any Clock<Duration>
    var book: BookOnDisk<PayeeBook>
    var credit = Credit()
    /// Those who wait for credit: told when somebody pays.
    var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
    var lastWaiting = 0
    /// What was promised before this start. It is claimed however small: nobody knows how often the node will be killed.
    let inherited: [Digest: Amount]
    /// The claims that are in no block yet, by channel.
    var claiming: [Digest: Digest] = [:]
    /// The answers that are on their way to a block.
    var recording: (jobs: [Digest], transaction: Digest)?
    /// Batches that failed since the last one that did not, and when the next may be sent.
    var recordFailures = 0
    var recordAfter: UInt64 = 0
    /// The last reason for which answers are not recorded; told once.
    var complaint: String?
    var isWorking = false
    var isWorkDue = false
    /// The node ends: whatever is worth its fee is claimed.
    var isLeaving = false
    /// Whether something was to be claimed when it was last looked.
    var isOwed = false

    /// - Parameters:
    ///   - account: the provider, whose node key signs claims.
    ///   - kept: the answers, of which records are made.
    package init(
        account: AccountID, bank: any Bank, kept: KeptAnswers<Exchange>, disk: any Disk, directory: String = "payee",
        clock: any Clock<Duration> = TidyClock(), logger: Logger
    ) throws(StoreError) {
        self.account = account
        self.bank = bank
        self.kept = kept
        self.clock = clock
        self.logger = logger
        book = try BookOnDisk(on: disk, directory: directory)
        inherited = book.content.lines.mapValues(\.best.voucher.amount)
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
        try await accept(signed, from: channel.payer)
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
        let isPaid = book.content.paid[request.id] != nil
        // What was paid through a channel that is over costs nothing more.
        let state = await bank.state().0
        guard !isPaid || state.channel(signed.voucher.channel) != nil else { return settle(request.id) }
        // Also for an answer that another voucher has paid: this one may say more, and whoever hears "paid" does not send it again.
        let channel = try await check(signed, from: request.client)
        try await accept(signed, from: channel.payer)
        do {
            if let entry = try book.content.charge(request.id, seeds, to: signed.voucher.channel) {
                try book.note(entry)
            }
        } catch let fault as PayeeBook.Fault {
            throw Refusal(.unpayable, "\(fault)")
        } catch { throw refusal(error) }
        if !isPaid, request.verification != .none { await noteDue(request.id, seeds) }
        settle(request.id)
    }

    private func decode(_ voucher: [UInt8]) throws(Refusal) -> SignedVoucher {
        do { return try SignedVoucher(canonicalBytes: voucher) } catch {
            throw Refusal(.badRequest, "The voucher does not decode: \(error)")
        }
    }

    private func accept(_ signed: SignedVoucher, from payer: AccountID) async throws(Refusal) {
        let height = await bank.state().height
        guard let entry = book.content.entry(for: signed, payer: payer, height: height) else { return }
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
        let later = try? await withDeadline(Self.blockPatience, "a block with the channel", clock: clock) { [bank] in
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
