package import Keys
package import Ledger
package import Logging
package import Proofs
internal import ServiceLifecycle
package import Store
internal import Transport
internal import Wire

/// Pays for the answers this node asks for: the only place where ``PayerBook`` meets disk and ledger.
///
/// The book is written before a voucher leaves. What was asked before a crash is looked up afterwards, and paid if it was answered.
package actor PayerService: Settlement, Service {
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case poor(needed: Amount, balance: Amount)
        case price(Amount, agreed: Amount)

        package var description: String {
            switch self {
            case .poor(let needed, let balance):
                "a channel for this answer needs \(needed), the account has \(balance): send it more, or ask for fewer tokens"
            case .price(let seeds, let agreed): "\(seeds) are not the \(agreed) that the request agrees to"
            }
        }
    }

    /// From asking to the channel being on the ledger: less than an attempt may be silent.
    private static let openDeadline: Duration = .seconds(12)
    /// Blocks between two tries to reach a provider that is not there, at most.
    private static let longestPause: UInt64 = 512

    private struct Retry {
        var next: UInt64
        var pause: UInt64 = 1
    }

    private nonisolated let account: AccountID
    private nonisolated let key: SigningKey
    private nonisolated let bank: any Bank
    private nonisolated let creditors: any Creditors
    private nonisolated let examiner: any Examiner
    private nonisolated let logger: Logger
    private var book: BookOnDisk<PayerBook>
    /// Jobs of questions that are under way; other debts are from before.
    private var active: Set<Digest> = []
    /// Payees toward whom a transaction is on its way to the mempool, or a top-up to a block.
    private var moving: [AccountID: (channel: Digest?, deposit: Amount, until: UInt64)] = [:]
    private var retries: [Digest: Retry] = [:]

    /// - Parameters:
    ///   - key: the account's; signs vouchers, since node keys come and go while a channel lives.
    ///   - directory: of the book, under `disk`.
    package init(
        key: SigningKey, bank: any Bank, creditors: any Creditors, examiner: any Examiner, disk: any Disk,
        directory: String = "payer", logger: Logger
    ) throws(StoreError) {
        self.key = key
        account = AccountID(key.publicKey)
        self.bank = bank
        self.creditors = creditors
        self.examiner = examiner
        self.logger = logger
        book = try BookOnDisk(on: disk, directory: directory)
    }

    /// What this node has promised.
    package var promises: PayerBook { book.content }

    // MARK: One question

    package func prepare(_ request: InferenceRequest) async throws -> [UInt8] {
        try await withDeadline(Self.openDeadline, "a channel to \(request.provider.short)… to be on the ledger") {
            try await self.reserve(request)
        }
    }

    private func reserve(_ request: InferenceRequest) async throws -> [UInt8] {
        let payee = request.provider
        let seeds = Amount(seeds: request.maximumPrice)
        var blocks = await bank.blocks().makeAsyncIterator()
        while true {
            let (state, height) = await bank.state()
            settle(moving[payee], toward: payee, state, height)
            switch book.content.step(of: account, toward: payee, for: seeds, in: state, height: height) {
            case .use(let channel):
                try book.note(
                    .asked(.init(job: request.id, channel: channel, node: request.node, limit: seeds, height: height)))
                active.insert(request.id)
                return try signedVoucher(of: channel)
            case .wait: break
            case .poor(let needed, let balance): throw Failure.poor(needed: needed, balance: balance)
            case .topUp(let channel, let amount):
                guard moving[payee] == nil else { break }
                let deposit = (state.channel(channel)?.deposit).flatMap { $0.adding(amount) } ?? amount
                try await move(.topUpChannel(channel, amount), toward: payee, (channel, deposit), height) { _ in }
            case .open(let deposit, let end):
                guard moving[payee] == nil else { break }
                let terms = ChannelTerms(payee: payee, signer: key.publicKey, deposit: deposit, expiry: end)
                try await move(.openChannel(terms), toward: payee, (nil, deposit), height) { id in
                    try await self.noteOpening(id, payee, height)
                }
                moving[payee] = nil
                logger.info(
                    "a channel is opened",
                    metadata: ["payee": "\(payee.short)", "deposit": "\(deposit)", "end": "\(end)"])
            }
            guard await blocks.next() != nil else { throw CancellationError() }
        }
    }

    private func move(
        _ operation: Operation, toward payee: AccountID, _ target: (channel: Digest?, deposit: Amount),
        _ height: UInt64, noting: @Sendable (Digest) async throws -> Void
    ) async throws {
        moving[payee] = (target.channel, target.deposit, height + ChannelRules.patience)
        do { try await bank.submit(operation, noting: noting) } catch {
            moving[payee] = nil
            throw error
        }
    }

    private func noteOpening(_ id: Digest, _ payee: AccountID, _ height: UInt64) throws(StoreError) {
        try book.note(.opening(id, payee: payee, height: height))
    }

    /// A top-up has arrived, or has taken too long.
    private func settle(
        _ move: (channel: Digest?, deposit: Amount, until: UInt64)?, toward payee: AccountID, _ state: State,
        _ height: UInt64
    ) {
        guard let move, let channel = move.channel else { return }
        let deposit = state.channel(channel)?.deposit ?? .zero
        if deposit >= move.deposit || height > move.until { moving[payee] = nil }
    }

    package func voucher(for exchange: Exchange, seeds: UInt64) async throws -> [UInt8] {
        let request = exchange.request.request
        let agreed = request.price(tokens: exchange.answer.output.count)
        guard seeds == agreed, seeds <= request.maximumPrice else {
            throw Failure.price(Amount(seeds: seeds), agreed: Amount(seeds: min(agreed, request.maximumPrice)))
        }
        if let entry = try book.content.payment(for: request.id, Amount(seeds: seeds)) { try book.note(entry) }
        guard let channel = book.content.paid[request.id] else { throw PayerBook.Fault.notAsked(request.id) }
        return try signedVoucher(of: channel)
    }

    private func signedVoucher(of channel: Digest) throws -> [UInt8] {
        guard let voucher = book.content.voucher(of: channel) else { throw PayerBook.Fault.notAsked(channel) }
        return SignedVoucher.sign(voucher, with: key).canonicalBytes
    }

    package func acknowledged(_ voucher: [UInt8]) async {
        guard let voucher = (try? SignedVoucher(canonicalBytes: voucher))?.voucher,
            let line = book.content.lines[voucher.channel], voucher.amount > line.acknowledged
        else { return }
        write(.acknowledged(voucher.channel, voucher.amount))
    }

    package func release(_ job: Digest, owes: Bool) async {
        active.remove(job)
        if !owes, book.content.debts[job] != nil { write(.dropped(job)) }
    }

    /// Where a failure costs nothing but another try later.
    private func write(_ entry: PayerEntry) {
        do { try book.note(entry) } catch { logger.error("the payer's book cannot be written: \(error)") }
    }

    // MARK: False answers

    package func accuse(_ exchange: Exchange, _ fault: InferenceFault) async -> Digest? {
        guard fault.blamesProvider else { return nil }
        let request = exchange.request.request
        let answer = AnswerRecord(
            signed: exchange.receipt, client: request.client,
            payment: Amount(seeds: request.price(tokens: exchange.answer.output.count)))
        let state = await bank.state().0
        var payment = answer.payment
        if case .open(let open) = state.answer(answer.id) { payment = max(payment, open.answer.payment) }
        let bond = state.parameters.answers.bond(of: payment)
        let balance = state.account(account)?.balance ?? .zero
        guard let needed = bond.adding(state.parameters.minimumFee), needed <= balance else {
            logger.warning(
                "a false answer is not accused: the bond and the fee need \(bond), the account has \(balance)",
                metadata: ["provider": "\(request.provider.short)", "job": "\(answer.id.job.short)"])
            return nil
        }
        return await send(.accuse(Accusation(answer: answer, bond: bond)), about: request.provider)
    }

    package func report(_ first: SignedReceipt, _ second: SignedReceipt) async -> Digest? {
        guard first.contradicts(second), first.hasValidSignature, second.hasValidSignature else { return nil }
        return await send(
            .reportEquivocation(Equivocation(first: first, second: second)), about: first.receipt.worker)
    }

    private func send(_ operation: Operation, about provider: AccountID) async -> Digest? {
        do {
            let id = try await bank.submit(operation)
            logger.info(
                "sent \(operation.name)", metadata: ["provider": "\(provider.short)", "transaction": "\(id.short)"])
            return id
        } catch {
            logger.warning("could not send \(operation.name): \(error)", metadata: ["provider": "\(provider.short)"])
            return nil
        }
    }

    // MARK: Afterwards

    /// Clears up after each block: pays what is owed from before, hands over vouchers that were not acknowledged, closes channels that
    /// nobody uses. Channels stay open when the node ends.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            let blocks = await self.bank.blocks()
            await self.clearUp()
            for await _ in blocks { await self.clearUp() }
        }
    }

    package func clearUp() async {
        let (state, height) = await bank.state()
        for channel in book.content.stale(in: state, height: height) {
            write(.forgotten(channel))
            retries[channel] = nil
        }
        for debt in book.content.debts.values.sorted(by: { $0.job < $1.job }) where !active.contains(debt.job) {
            await retry(debt.job, height) { try await self.settle(debt) }
        }
        for channel in book.content.unacknowledged {
            await retry(channel, height) { try await self.deliver(channel) }
        }
        for channel in book.content.idle(in: state, height: height) {
            await retry(channel, height) { try await self.bank.submit(.closeChannel(channel)) }
        }
    }

    private func retry(_ id: Digest, _ height: UInt64, _ body: () async throws -> Void) async {
        let retry = retries[id] ?? Retry(next: height)
        guard height >= retry.next else { return }
        let pause = min(retry.pause * 2, Self.longestPause)
        retries[id] = Retry(next: height + pause, pause: pause)
        do {
            try await body()
        } catch {
            logger.info("a payment from before waits: \(error)", metadata: ["of": "\(id.short)"])
        }
    }

    /// Pays what was answered, if it stands a check, and drops what was not.
    private func settle(_ debt: PayerEntry.Asked) async throws {
        let exchange = try await creditors.exchange(of: debt.job, from: PeerID(debt.node))
        guard let exchange, exchange.job == debt.job else { return write(.dropped(debt.job)) }
        let examination = await examiner.examine(exchange, .slice)
        await creditors.keep(exchange, examination)
        switch examination {
        case .passed, .impossible:
            let price = exchange.request.request.price(tokens: exchange.answer.output.count)
            _ = try await voucher(for: exchange, seeds: price)
            logger.info("an answer from before is paid", metadata: ["job": "\(debt.job.short)", "seeds": "\(price)"])
        case .withheld(let why): throw AttemptFailure.misbehaved(why)
        case .failed(let fault):
            write(.dropped(debt.job))
            _ = await accuse(exchange, fault)
        }
        retries[debt.job] = nil
    }

    private func deliver(_ channel: Digest) async throws {
        guard let node = book.content.lines[channel]?.node else { return }
        let voucher = try signedVoucher(of: channel)
        try await creditors.deliver(voucher, to: PeerID(node))
        await acknowledged(voucher)
        retries[channel] = nil
    }
}
