internal import Keys
internal import Ledger
internal import Logging
internal import Proofs
internal import ServiceLifecycle
internal import Transport

/// What becomes of promises and answers on the ledger.
extension TillService: Service {
    /// What shutdown may take for the last claims to be in a block.
    private static var leaving: Duration { .seconds(6) }

    func noteDue(_ job: Digest, _ payment: Amount) async {
        do { try book.note(.due(.init(job: job, payment: payment))) } catch {
            logger.error("the payee's book cannot be written: \(error)")
            return
        }
        if recording.jobs.isEmpty { await work() }
    }

    /// Claims and records after each block, and once more before the node ends.
    package func run() async throws {
        let blocks = await bank.blocks()
        await work()
        await cancelWhenGracefulShutdown { for await _ in blocks { await self.work() } }
        _ = try? await withDeadline(Self.leaving, "the last claims") { try await self.leave() }
    }

    private func leave() async throws {
        let blocks = await bank.blocks()
        await work(isLeaving: true)
        for await _ in blocks {
            await work(isLeaving: true)
            if claiming.isEmpty { return }
        }
    }

    package func work(isLeaving: Bool = false) async {
        let (state, height) = await bank.state()
        for channel in book.content.stale(in: state) where claiming[channel] == nil {
            do { try book.note(.forgotten(channel)) } catch {
                logger.error("the payee's book cannot be written: \(error)")
            }
        }
        let margin = ChannelRules(state.parameters).margin
        if height > margin { credit.forgive(before: height - margin) }
        await claim(state, height, isLeaving)
        await record(state, height)
    }

    private func claim(_ state: State, _ height: UInt64, _ isLeaving: Bool) async {
        let wanted = book.content.claims(in: state, height: height, isLeaving: isLeaving)
        let channels = Set(wanted.map(\.voucher.channel))
        // What is wanted no longer has arrived.
        claiming = claiming.filter { channels.contains($0.key) && height < $0.value }
        for voucher in wanted where claiming[voucher.voucher.channel] == nil {
            claiming[voucher.voucher.channel] = height + ChannelRules.patience
            await send(.claimChannel(voucher)) { claiming[voucher.voucher.channel] = nil }
        }
    }

    private func record(_ state: State, _ height: UInt64) async {
        let waiting = book.content.due.prefix(2 * AnswerRecord.batchLimit)
        for due in waiting where state.answer(AnswerID(provider: account, job: due.job)) != nil { drop(due.job) }
        guard recording.jobs.isEmpty || height > recording.until, !book.content.due.isEmpty else { return }
        recording.jobs = []
        let rules = state.parameters.answers
        let own = state.account(account) ?? Account()
        guard own.stake >= rules.providerStake, !own.isBanned else {
            return complain(
                "the stake is \(own.stake) and recording needs \(rules.providerStake); stake more with --stake or 'banyan stake'"
            )
        }
        var (batch, risk) = ([AnswerRecord](), Amount.zero)
        for due in book.content.due.prefix(AnswerRecord.batchLimit) {
            guard let sum = risk.adding(rules.risk(of: due.payment)), sum <= own.free else { break }
            guard let exchange = try? kept.record(of: due.job) else {
                drop(due.job)  // Too old: nobody keeps it any more.
                continue
            }
            risk = sum
            batch.append(
                AnswerRecord(signed: exchange.receipt, client: exchange.request.request.client, payment: due.payment))
        }
        guard !batch.isEmpty else {
            return complain("of the stake only \(own.free) are free until answers recorded before are out of doubt")
        }
        complaint = nil
        recording = (Set(batch.map(\.id.job)), height + ChannelRules.patience)
        await send(.recordAnswers(batch)) { recording.jobs = [] }
    }

    private func drop(_ job: Digest) {
        recording.jobs.remove(job)
        do { try book.note(.recorded(job)) } catch { logger.error("the payee's book cannot be written: \(error)") }
    }

    private func complain(_ reason: String) {
        guard complaint != reason else { return }
        complaint = reason
        logger.warning("answers are not recorded on the ledger: \(reason)")
    }

    private func send(_ operation: Operation, onFailure undo: () -> Void) async {
        do {
            try await bank.submit(operation)
            logger.debug("sent \(operation.name)")
        } catch {
            undo()
            logger.warning("could not send \(operation.name): \(error)")
        }
    }
}
