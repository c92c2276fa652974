package import Keys
internal import Ledger
package import Logging
internal import Proofs
internal import ServiceLifecycle
package import Store

/// Does this node's part in the audits of others' answers: the only place where ``AuditMachine`` meets ledger, peers, engines and disk.
///
/// Fetching and checking run as child tasks, as many as the machine asks for; everything else happens in their order.
package actor AuditService: Service {
    private enum Message: Sendable {
        case block
        case result(AuditMachine.Input)
    }

    private let account: AccountID
    private let audits: any Audits
    private let exchanges: any Exchanges
    private let engines: any Engines
    private let words: KeptAnswers<AuditWord>
    private let cheat: AuditCheat?
    private let tell: @Sendable (AuditCheck) -> Void
    private let logger: Logger

    private var machine: AuditMachine
    private var running: [OpenAnswer] = []
    private var isBlockPending = false
    /// Jobs whose second receipt the ledger was told of; the ledger takes one report of each.
    private var reported: Set<Digest> = []
    private let inbox: AsyncStream<Message>.Continuation
    private let messages: AsyncStream<Message>

    /// - Parameters:
    ///   - account: whose seats these are; `key` signs for it.
    ///   - words: what was kept before.
    ///   - cheat: makes this node a bad auditor; nil in every node that is not part of a demonstration.
    ///   - tell: hears of every answer that was computed again.
    /// - Throws: when the disk does.
    package init(
        account: AccountID, key: SigningKey, audits: any Audits, exchanges: any Exchanges, engines: any Engines,
        words: KeptAnswers<AuditWord>, cheat: AuditCheat? = nil, limits: AuditMachine.Limits = AuditMachine.Limits(),
        tell: @escaping @Sendable (AuditCheck) -> Void, logger: Logger
    ) throws(DiskError) {
        self.account = account
        self.audits = audits
        self.exchanges = exchanges
        self.engines = engines
        self.words = words
        self.cheat = cheat
        self.tell = tell
        self.logger = logger
        var kept: [AuditWord] = []
        for seed in words.jobs { if let word = try words.record(of: seed) { kept.append(word) } }
        machine = AuditMachine(account: account, key: key, words: kept, limits: limits)
        // Not bounded by the stream but by its writers: one block at a time, and one result for each piece of work.
        (messages, inbox) = AsyncStream.makeStream(of: Message.self)
    }

    /// Works until graceful shutdown or cancellation. What was begun is given up; ledger and disk know where to go on.
    package func run() async throws {
        await cancelWhenGracefulShutdown { await self.serve() }
    }

    private func serve() async {
        let blocks = await audits.blocks()
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in blocks { await self.noteBlock() }
                await self.close()
            }
            noteBlock()
            for await message in messages {
                for effect in await take(message) { await perform(effect, in: &group) }
                if Task.isCancelled { break }
            }
            group.cancelAll()
        }
    }

    private func noteBlock() {
        guard !isBlockPending else { return }
        isBlockPending = true
        inbox.yield(.block)
    }

    private func close() { inbox.finish() }

    private func take(_ message: Message) async -> [AuditMachine.Effect] {
        switch message {
        case .result(let input): return machine.step(input)
        case .block:
            isBlockPending = false
            let (height, audits) = await audits.running()
            running = audits
            return machine.step(.block(height: height, audits))
        }
    }

    private func perform(_ effect: AuditMachine.Effect, in group: inout DiscardingTaskGroup) async {
        switch effect {
        case .fetch(let task):
            group.addTask {
                let exchange = await self.fetch(task)
                await self.inbox.yield(.result(.fetched(audit: task.seed, exchange)))
            }
        case .check(let task, let exchange):
            group.addTask {
                let finding = await self.check(task, exchange)
                await self.inbox.yield(.result(.checked(audit: task.seed, finding)))
            }
        case .commit(let word): await commit(word)
        case .reveal(let word): if cheat != .silent { await submit(.auditReveal(word.reveal)) }
        }
    }

    /// A word that is not on disk is not given: after a crash it could not be revealed.
    private func commit(_ word: AuditWord) async {
        do throws(DiskError) { try words.keep(word) } catch {
            logger.error("no word in an audit, the disk fails: \(error)")
            return
        }
        var digest = word.reveal.commitment(of: account)
        if cheat == .copy { digest = commitmentOfAnother(in: word.seed) ?? digest }
        let commitment = AuditCommitment(answer: word.reveal.answer, digest: digest)
        await submit(.auditCommit(commitment))
    }

    /// What a cheat copies.
    private func commitmentOfAnother(in audit: Digest) -> Digest? {
        let seats = running.compactMap(\.audit).first { $0.seed == audit }?.seats ?? []
        return seats.first { $0.account != account && $0.commitment != nil }?.commitment
    }

    private func submit(_ operation: Operation) async {
        do { try await audits.submit(operation) } catch {
            // The machine sends it again when the ledger does not show it.
            logger.info("operation not taken", metadata: ["operation": "\(operation.name)", "error": "\(error)"])
        }
    }

    // MARK: Work

    /// From the provider, else from whoever has asked for the answer or accuses it: a provider that is away, or hides, does not decide
    /// what is known.
    private nonisolated func fetch(_ task: AuditTask) async -> Exchange? {
        let signed = task.answer.signed
        var peers = [PeerID(signed.key)]
        for account in [task.answer.client, task.accuser].compactMap(\.self) {
            if let node = await audits.node(of: account), !peers.contains(node) { peers.append(node) }
        }
        for peer in peers {
            do {
                let shown = try await exchanges.exchange(of: signed.receipt.job, from: peer)
                await report(shown.receipt, against: signed)
                if let exchange = shown.judged(under: signed) { return exchange }
                logger.info("\(peer.short) shows another exchange than that of \(signed.receipt.job.short)")
            } catch {
                logger.info("\(peer.short) does not show \(signed.receipt.job.short): \(error)")
            }
        }
        return nil
    }

    /// Two receipts for one job convict whoever signed them both, whatever becomes of the audit.
    private func report(_ shown: SignedReceipt, against recorded: SignedReceipt) async {
        guard shown.contradicts(recorded), shown.hasValidSignature, reported.insert(recorded.receipt.job).inserted
        else { return }
        logger.warning(
            "two receipts for one job",
            metadata: ["provider": "\(recorded.receipt.worker.short)", "job": "\(recorded.receipt.job.short)"])
        await submit(.reportEquivocation(Equivocation(first: recorded, second: shown)))
    }

    private nonisolated func check(_ task: AuditTask, _ exchange: Exchange) async -> AuditFinding? {
        if let finding = cheat?.finding(task, exchange, by: account) { return finding }
        let request = exchange.request.request
        do {
            let engine = try await engines.engine(
                for: ModelChoice(of: request))
            let start = ContinuousClock.now
            let finding = await engine.check(exchange, auditSeed: task.seed)
            guard let word = AuditFinding(finding, of: exchange) else {
                logger.warning("an audit cannot be done: \(finding.outcome)")
                return nil
            }
            var fault: InferenceFault?
            if case .faulty(let found) = finding.outcome { fault = found }
            tell(
                AuditCheck(
                    task: task, exchange: exchange, fault: fault, positions: exchange.fedTokens.count,
                    time: start.duration(to: .now)))
            return word
        } catch {
            logger.warning("an audit cannot be done: \(error)")
            return nil
        }
    }
}
