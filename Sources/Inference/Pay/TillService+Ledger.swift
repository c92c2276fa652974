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
    /// Blocks between two batches of which the first failed, at most.
    private static var longestPause: UInt64 { 512 }

    func noteDue(_ job: Digest, _ payment: Amount) async {
        do { try book.note(.due(.init(job: job, payment: payment))) } catch {
            logger.error("the payee's book cannot be written: \(error)")
            return
        }
        if recording == nil { await work() }
    }

    /// Claims and records after each block, and once more before the node ends.
    package func run() async throws {
        let blocks = await bank.blocks()
        await work()
        await cancelWhenGracefulShutdown { for await _ in blocks { await self.work() } }
        _ = try? await withDeadline(Self.leaving, "the last claims", clock: clock) { try await self.leave() }
    }

    private func leave() async throws {
        isLeaving = true
        let blocks = await bank.blocks()
        await work()
        guard isOwed else { return }
        for await _ in blocks {
            await work()
            if !isOwed { return }
        }
    }

    /// Takes to the ledger what is to be there. Who comes while another is at it has it done once more.
    package func work() async {
        isWorkDue = true
        guard !isWorking else { return }
        isWorking = true
        while isWorkDue {
            isWorkDue = false
            await workOnce()
        }
        isWorking = false
    }

    private func workOnce() async {
        // What is in a block by now is in the state that is read afterwards: nothing is sent twice.
        for (channel, transaction) in claiming {
            if await !bank.waits(transaction) { claiming[channel] = nil }
        }
        var sent: [Digest]?
        if let recording, await !bank.waits(recording.transaction) { sent = recording.jobs }
        let (state, height) = await bank.state()
        for channel in book.content.stale(in: state, height: height) { write(.forgotten(channel)) }
        let margin = ChannelRules(state.parameters).margin
        if height > margin { credit.forgive(before: height - margin) }
        lookAgain()
        if let sent { settle(sent, state, height) }
        await claim(state, height)
        await record(state, height)
    }

    private func claim(_ state: State, _ height: UInt64) async {
        let wanted = book.content.claims(in: state, height: height, isLeaving: isLeaving, inherited: inherited)
        isOwed = !wanted.isEmpty
        for voucher in wanted where claiming[voucher.voucher.channel] == nil {
            claiming[voucher.voucher.channel] = await send(.claimChannel(voucher))
        }
    }

    private func record(_ state: State, _ height: UInt64) async {
        guard recording == nil, !book.content.due.isEmpty else { return }
        let rules = state.parameters.answers
        let own = state.account(account) ?? Account()
        guard own.stake >= rules.providerStake, !own.isBanned else {
            return complain(
                "the stake is \(own.stake) and recording needs \(rules.providerStake); stake more with --stake or 'banyan stake'"
            )
        }
        let limit = max(1, AnswerRecord.batchLimit >> recordFailures)
        let found = book.content.recording(of: account, in: state, limit: limit) { try? kept.record(of: $0) }
        for job in found.over { write(.recorded(job)) }
        if found.uncovered > 0 {
            complain("of the stake only \(own.free) are free until answers recorded before are out of doubt")
        } else {
            complaint = nil
        }
        guard !found.batch.isEmpty, height >= recordAfter else { return }
        let transaction = await send(.recordAnswers(found.batch))
        recording = transaction.map { (found.batch.map(\.id.job), $0) }
    }

    /// A batch is in a block, or lost. When the ledger refused it for what is known of it now, the next one leaves that out; else later
    /// ones are smaller, so that one bad answer does not keep the others away for ever.
    private func settle(_ jobs: [Digest], _ state: State, _ height: UInt64) {
        recording = nil
        guard jobs.allSatisfy({ state.answer(AnswerID(provider: account, job: $0)) == nil }) else {
            recordFailures = 0
            return
        }
        recordFailures = min(recordFailures + 1, 16)
        recordAfter = height + min(1 << UInt64(recordFailures), Self.longestPause)
        logger.info("answers were not recorded; they are tried again from height \(recordAfter) on")
        if jobs.count == 1, let due = book.content.due.first(where: { $0.job == jobs[0] }) {
            write(.recorded(due.job))
            write(.due(due))
        }
    }

    private func write(_ entry: PayeeEntry) {
        do { try book.note(entry) } catch { logger.error("the payee's book cannot be written: \(error)") }
    }

    private func complain(_ reason: String) {
        guard complaint != reason else { return }
        complaint = reason
        logger.warning("answers are not recorded on the ledger: \(reason)")
    }

    /// - Returns: the transaction, if the node took it.
    private func send(_ operation: Operation) async -> Digest? {
        do {
            let transaction = try await bank.submit(operation)
            logger.debug("sent \(operation.name)", metadata: ["transaction": "\(transaction.short)"])
            return transaction
        } catch {
            logger.warning("could not send \(operation.name): \(error)")
            return nil
        }
    }
}
