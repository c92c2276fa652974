internal import Keys
internal import Ledger
internal import Logging
internal import Proofs
internal import ServiceLifecycle

extension PayerService: Service {
    /// Blocks between two tries to reach a provider that is not there, at most: about a minute, since one may start again at any time.
    private static var longestPause: UInt64 { 64 }
    /// The same for one that is connected.
    private static var shortPause: UInt64 { 4 }

    /// Clears up after each block: pays what is owed from before, hands over vouchers that were not acknowledged, closes channels that
    /// nobody uses. Channels stay open when the node ends.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            let blocks = await self.bank.blocks()
            await withDiscardingTaskGroup { group in
                await self.clearUp(in: &group)
                for await _ in blocks { await self.clearUp(in: &group) }
                group.cancelAll()
            }
        }
    }

    /// What is to be done now, to its end.
    package func clearUp() async {
        await withDiscardingTaskGroup { group in await self.clearUp(in: &group) }
    }

    private func clearUp(in group: inout DiscardingTaskGroup) async {
        let (state, height) = await bank.state()
        for channel in book.content.stale(in: state, height: height) {
            write(.forgotten(channel))
            retries[channel] = nil
        }
        for channel in book.content.idle(in: state, height: height) {
            await retry(channel, height) { try await self.bank.submit(.closeChannel(channel)) }
        }
        // Each in a task of its own: one that is not there, or says nothing, holds up none of the others.
        for node in book.content.creditors(except: active) where visited.insert(node).inserted {
            group.addTask { await self.visit(node, height) }
        }
    }

    /// Settles what is open with one provider, until something goes wrong there.
    private func visit(_ node: PublicKey, _ height: UInt64) async {
        defer { visited.remove(node) }
        let isThere = await creditors.isConnected(PeerID(node))
        let debts = book.content.debts.values.filter { $0.node == node && !active.contains($0.job) }
        for debt in debts.sorted(by: { $0.job < $1.job }) {
            guard await retry(debt.job, height, isThere, { try await self.settle(debt) }) else { return }
        }
        for channel in book.content.unacknowledged where book.content.lines[channel]?.node == node {
            guard await retry(channel, height, isThere, { try await self.deliver(channel) }) else { return }
        }
    }

    /// - Parameter isThere: the provider is connected.
    /// - Returns: false when it was tried and failed.
    @discardableResult
    private func retry(
        _ id: Digest, _ height: UInt64, _ isThere: Bool = false, _ body: () async throws -> Void
    ) async -> Bool {
        let last = retries[id]
        if let last {
            guard height >= last.height + (isThere ? min(last.pause, Self.shortPause) : last.pause) else { return true }
        }
        retries[id] = Retry(height: height, pause: min((last?.pause ?? 1) * 2, Self.longestPause))
        do {
            try await body()
            return true
        } catch {
            logger.info("a payment from before waits: \(error)", metadata: ["of": "\(id.short)"])
            return false
        }
    }

    /// Pays what was answered, if it stands a check, and drops what was not.
    private func settle(_ debt: PayerEntry.Asked) async throws {
        let exchange = try await creditors.exchange(of: debt.job, from: PeerID(debt.node))
        guard let exchange, exchange.job == debt.job else {
            retries[debt.job] = nil
            return write(.dropped(debt.job))
        }
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
