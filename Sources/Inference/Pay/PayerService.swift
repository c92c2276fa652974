package import Keys
package import Ledger
package import Logging
package import Proofs
package import Store
internal import Transport
internal import Wire

/// Pays for the answers this node asks for: the only place where ``PayerBook`` meets disk and ledger.
///
/// The book is written before a voucher leaves. What was asked before a crash is looked up afterwards, and paid if it was answered.
package actor PayerService: Settlement {
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

    /// From asking to the channel being on the ledger: less than an attempt may be prepared.
    private static let openDeadline: Duration = .seconds(25)
    struct Retry {
        /// Of the last try.
        let height: UInt64
        /// Blocks until the next.
        let pause: UInt64
    }

    nonisolated let account: AccountID
    nonisolated let key: SigningKey
    nonisolated let bank: any Bank
    nonisolated let creditors: any Creditors
    nonisolated let examiner: any Examiner
    nonisolated let disputes: (any Disputes)?
    nonisolated let logger: Logger
    var book: BookOnDisk<PayerBook>
    /// Jobs of questions that are under way; other debts are from before.
    var active: Set<Digest> = []
    /// Payees toward whom a transaction is on its way to the mempool, or a top-up to a block.
    private var moving: [AccountID: (channel: Digest?, deposit: Amount, until: UInt64)] = [:]
    var retries: [Digest: Retry] = [:]
    /// The providers with whom something is being settled now.
    var visited: Set<PublicKey> = []

    /// - Parameters:
    ///   - key: the account's; signs vouchers, since node keys come and go while a channel lives.
    ///   - disputes: decide false answers where they can; nil accuses every provider of one.
    ///   - directory: of the book, under `disk`.
    package init(
        key: SigningKey, bank: any Bank, creditors: any Creditors, examiner: any Examiner,
        disputes: (any Disputes)? = nil, disk: any Disk, directory: String = "payer", logger: Logger
    ) throws(StoreError) {
        self.key = key
        account = AccountID(key.publicKey)
        self.bank = bank
        self.creditors = creditors
        self.examiner = examiner
        self.disputes = disputes
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
        let agreed = exchange.price
        guard seeds == agreed, seeds <= request.maximumPrice else {
            throw Failure.price(Amount(seeds: seeds), agreed: Amount(seeds: min(agreed, request.maximumPrice)))
        }
        if let entry = try book.content.payment(for: request.id, Amount(seeds: seeds)) { try book.note(entry) }
        guard let channel = book.content.paid[request.id] else { throw PayerBook.Fault.notAsked(request.id) }
        return try signedVoucher(of: channel)
    }

    func signedVoucher(of channel: Digest) throws -> [UInt8] {
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
    func write(_ entry: PayerEntry) {
        do { try book.note(entry) } catch { logger.error("the payer's book cannot be written: \(error)") }
    }
}
