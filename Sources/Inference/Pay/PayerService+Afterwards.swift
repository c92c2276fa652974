internal import Keys
internal import Ledger
internal import Logging
internal import Proofs
internal import ServiceLifecycle

extension PayerService: Service {
    /// Blocks between two tries to reach a provider that is not there, at most.
    private static var longestPause: UInt64 { 512 }

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
        if let held = await creditors.keep(exchange, examination) { _ = await report(held, exchange.receipt) }
        switch examination {
        case .passed, .impossible:
            let price = exchange.price
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
