internal import Consensus
internal import Keys
internal import Ledger
internal import Store
internal import Wire

extension ValidatorMachine {
    /// Gives the height's machine an input, does what it asks for, and gives it the answers, until it asks for nothing more.
    @discardableResult
    mutating func drive(_ first: HeightMachine.Input, at now: UInt64) -> ChainVerdict {
        var verdict = ChainVerdict.accept
        var inputs = [first]
        var next = 0
        while next < inputs.count, !hasHalted {
            for effect in consensus.step(inputs[next]) {
                switch effect {
                case .buildValue(let round): inputs += build(round: round, at: now)
                case .validate(let block): inputs.append(judge(block))
                case .signProposal(let proposal):
                    if let message = sign(.proposal(proposal), at: now) { inputs.append(message.input) }
                case .signVote(let vote):
                    if let message = sign(.vote(vote), at: now) { inputs.append(message.input) }
                case .broadcast(let messages): messages.forEach { broadcast($0) }
                case .schedule(let timer, let delay): schedule(timer, after: delay)
                case .decide(let block, _, let commit):
                    guard !isReplaying else {
                        decidedInReplay = (block, commit)
                        return verdict
                    }
                    finish(block, commit, at: now)
                    return verdict
                case .evidence(let found): report(found)
                case .conflictingProposals(let first, _):
                    log(
                        .conflictingProposals,
                        "validator \(first.proposal.proposer.key) made two proposals at height \(consensus.height), round \(first.proposal.round)"
                    )
                case .ownKeyAbused(let vote):
                    log(.ownKeyAbused, "somebody else votes with this node's key at height \(vote.vote.height)")
                case .reject(let rejection):
                    if next == 0 { verdict = judge(rejection) }
                case .halt(let reason): halt("\(reason) at height \(consensus.height)")
                }
            }
            next += 1
        }
        return verdict
    }

    private mutating func judge(_ rejection: HeightMachine.Rejection) -> ChainVerdict {
        switch rejection {
        case .wrongHeight, .tooFarAhead: return .ignore
        case .stranger, .wrongProposer, .tooManyProposals, .polkaRoundNotBefore:
            log(.rejectedVote, "a validator sent what its turn does not allow: \(rejection)")
            return .reject
        }
    }

    private mutating func schedule(_ timer: TimerID, after delay: Duration) {
        let (seconds, attoseconds) = delay.components
        let milliseconds = UInt64(max(0, seconds)) &* 1_000 &+ UInt64(max(0, attoseconds) / 1_000_000_000_000_000)
        if isReplaying {
            timersInReplay[timer] = milliseconds
        } else {
            effects.append(.schedule(.consensus(timer), after: milliseconds))
        }
    }

    /// Checks a block once, and says whether its date is believable.
    private mutating func judge(_ id: Digest) -> HeightMachine.Input {
        guard let entry = blocks[id] else { return .validity(id, false, timely: false) }
        let isTimely = configuration.timeRules.isTimely(
            entry.block.header.time, received: entry.received, round: entry.round)
        do throws(BlockProblem) {
            let execution = try head.validate(
                entry.block, size: entry.block.canonicalBytes.count, verified: mempool.verified)
            blocks.note(execution, of: id)
            return .validity(id, true, timely: isTimely)
        } catch {
            blocks.note(nil, of: id)
            log(.badBlock, "block \(id.short) of height \(entry.block.height) is not valid: \(error)")
            return .validity(id, false, timely: isTimely)
        }
    }

    /// Builds a block in this node's turn, now or when its clock allows.
    private mutating func build(round: Round, at now: UInt64) -> [HeightMachine.Input] {
        guard !isReplaying else {
            unbuilt = round
            return []
        }
        guard let account, let key else { return [] }
        let earliest = committedAt &+ configuration.minimumInterval
        guard now >= earliest || head.height == 0 else {
            effects.append(.schedule(.build(consensus.height, round), after: earliest - now))
            return []
        }
        guard let time = configuration.timeRules.date(after: head.lastTime, at: now) else {
            effects.append(.schedule(.build(consensus.height, round), after: head.lastTime &+ 1 &- now))
            return []
        }
        let commit = head.height == 0 ? nil : previous?.commit ?? headCommit
        guard
            let built = head.build(
                transactions: mempool.reap(), verified: mempool.verified, evidence: evidence.ready(for: head),
                lastCommit: commit, time: time,
                proposer: account, key: key)
        else {
            log(.badBlock, "no block can be built at height \(consensus.height)")
            return []
        }
        journal(.built(built.block, round: round, at: now))
        keep(built.block, round: round, at: now)
        blocks.note(built.execution, of: built.block.id)
        return [.valueBuilt(built.block.id)]
    }

    private mutating func broadcast(_ message: ConsensusMessage) {
        switch message {
        case .vote(let vote): publish(.vote(vote))
        case .certificate(let certificate): publish(.certificate(certificate))
        case .proposal(let signed):
            if let entry = blocks[signed.proposal.block] { publish(.proposal(signed, entry.block)) }
        }
    }

    mutating func fire(_ timer: ChainTimer, at now: UInt64) {
        switch timer {
        case .consensus(let timer):
            guard timer.height == consensus.height, hasBegun else { return }
            // What is only said again changes no state.
            if timer.step != .rebroadcast { journal(.timeout(timer, at: now)) }
            drive(.timeout(timer), at: now)
        case .begin(let height):
            if height == consensus.height { begin(at: now) }
        case .build(let height, let round):
            guard height == consensus.height, hasBegun, consensus.round == round else { return }
            for input in build(round: round, at: now) { drive(input, at: now) }
        case .sync:
            perform(sync.tick(connected: connected, head: head.height, at: now), at: now)
            effects.append(.schedule(.sync, after: configuration.syncInterval))
            repeatOwn(at: now)
            begin(at: now)
        }
    }

    /// Begins the height when it is time: with work after the minimum interval, without after the empty one, or when others have
    /// (`isUrged`).
    mutating func begin(at now: UInt64, isUrged: Bool = false) {
        guard !hasBegun, !isReplaying, !hasHalted, !isCatchingUp(at: now) else { return }
        let age = now > committedAt ? now - committedAt : 0
        let hasWork = !mempool.isEmpty || !evidence.ready(for: head).isEmpty
        guard
            isUrged || head.height == 0 || age >= configuration.emptyBlockInterval
                || (hasWork && age >= configuration.minimumInterval)
        else { return }
        hasBegun = true
        journal(.began(consensus.height, at: now))
        drive(.start, at: now)
    }

    /// Whether blocks come in that others decided before: a validator says nothing about heights that are over.
    private func isCatchingUp(at now: UInt64) -> Bool {
        guard let syncedAt, now < syncedAt &+ 2 * configuration.syncInterval else { return false }
        return sync.claimedHead(at: now) > head.height
    }

    mutating func finish(_ id: Digest, _ commit: Commit, at now: UInt64) {
        guard let entry = blocks[id], case .some(.some(let execution)) = entry.execution else {
            // It was pushed out by a liar's proposals: the others have it, and so the next sync.
            log(.info, "block \(id.short) was decided, but is not here; fetching it")
            return
        }
        commitBlock(entry.block, commit, execution, decidedBy: consensus, at: now)
    }

    /// Makes the block the head: on the disk first, then in memory, then for everybody to see.
    /// - Parameter machine: the one that decided it; nil for a block from another node's past.
    mutating func commitBlock(
        _ block: Block, _ commit: Commit, _ execution: Execution, decidedBy machine: HeightMachine?, at now: UInt64
    ) {
        effects.append(
            .store(BlockStore.Entry(height: block.height, block: block.canonicalBytes, commit: commit.canonicalBytes)))
        provenState = head.state
        headHeader = block.header
        head = execution.after
        headCommit = commit
        previous = machine
        committedAt = now
        hasBegun = false
        blocks = ProposedBlocks()
        mempool.committed(block.transactions, state: head.state, height: head.height)
        evidence.committed(head)
        consensus = Self.machine(after: head, account: account, key: key, configuration)
        if head.height.isMultiple(of: configuration.snapshotInterval) {
            effects.append(.snapshot(Snapshot(height: head.height, content: head.canonicalBytes)))
        }
        if journalSize > configuration.journalLimit {
            let first = key.map { JournalEntry.signer(signer, of: $0.publicKey).canonicalBytes }
            effects.append(.restartJournal(first))
            journalSize = first?.count ?? 0
        }
        effects.append(
            .committed(
                BlockEvents(
                    height: block.height, time: block.header.time, blockID: block.id, block: block,
                    outcome: execution.outcome)))
        waitForNext()
        for message in early.takeAll() where message.content.height == consensus.height {
            _ = take(message, at: now)
        }
    }

    mutating func waitForNext() {
        effects.append(.schedule(.begin(consensus.height), after: configuration.minimumInterval))
        effects.append(.schedule(.begin(consensus.height), after: configuration.emptyBlockInterval))
    }
}
