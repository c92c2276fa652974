internal import Consensus
internal import Keys
internal import Wire

extension ValidatorMachine {
    /// Reads the journal back after a start: the same inputs to the same machine, silently. Call it once, before ``Input/start``.
    /// - Throws: ``ChainError/damaged(_:)`` for a record that is no entry.
    package mutating func restore(journal records: [[UInt8]]) throws(ChainError) {
        isReplaying = true
        for (index, record) in records.enumerated() {
            let entry: JournalEntry
            do throws(WireError) { entry = try JournalEntry(canonicalBytes: record) } catch {
                throw .damaged("record \(index) of the journal: \(error)")
            }
            journalSize += record.count + 12
            remember(entry)
            guard entry.height == consensus.height, decidedInReplay == nil else { continue }
            replay(entry)
        }
        isReplaying = false
        effects = []
    }

    private mutating func remember(_ entry: JournalEntry) {
        switch entry {
        case .own(_, let memory, _): if signer != nil { signer = memory }
        case .signer(let memory, let owner): signer = owner == key?.publicKey ? memory : nil
        case .began, .heard, .timeout, .built: break
        }
    }

    private mutating func replay(_ entry: JournalEntry) {
        switch entry {
        case .began:
            hasBegun = true
            drive(.start, at: 0)
        case .heard(let message, let time): _ = take(message, at: time)
        case .timeout(let timer, let time): drive(.timeout(timer), at: time)
        case .built(let block, let round, let time):
            unbuilt = nil
            keep(block, round: round, at: time)
            if let execution = try? head.validate(block, size: block.canonicalBytes.count) {
                blocks.note(execution, of: block.id)
                drive(.valueBuilt(block.id), at: time)
            }
        case .own(let message, _, let time):
            unsigned.removeAll { $0 == message.wish }
            drive(message.input, at: time)
        case .signer: break
        }
    }

    /// Takes up where the journal ends: decides what was decided, signs what was to be signed, and sets the timers of the round.
    mutating func resume(at now: UInt64) {
        effects.append(.schedule(.sync, after: 0))
        if let commit = headCommit, let set = head.lastValidators { doubtSigner(over: commit, of: set) }
        if let height = configuration.signedThrough { settleSigner(through: height) }
        if signer == nil, account != nil {
            log(
                .info,
                "what this node's key signed before is not in its journal: it is silent until more than two thirds of the other validators' power told how far they are; '--signed-through HEIGHT' vouches that it signed nothing above HEIGHT"
            )
        }
        let wishes = unsigned
        let timers = timersInReplay
        let round = unbuilt
        unsigned = []
        timersInReplay = [:]
        unbuilt = nil
        if let decided = decidedInReplay {
            decidedInReplay = nil
            finish(decided.block, decided.commit, at: now)
            return
        }
        let height = consensus.height
        for wish in wishes where consensus.height == height {
            if let message = sign(wish, at: now) { drive(message.input, at: now) }
        }
        guard consensus.height == height else { return }
        for (timer, delay) in timers.sorted(by: { $0.key.step.rawValue < $1.key.step.rawValue })
        where timer.round == consensus.round {
            effects.append(.schedule(.consensus(timer), after: delay))
        }
        if let round { fire(.build(height, round), at: now) }
        if !hasBegun {
            waitForNext()
            begin(at: now)
        }
    }
}
