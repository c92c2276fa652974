internal import Consensus
internal import Keys
internal import Ledger
internal import Wire

extension ValidatorMachine {
    /// Looks at bytes of a peer: what they are, whether they are of this chain and height, whether they are signed; and only then
    /// takes them.
    mutating func receive(_ bytes: [UInt8], on topic: ChainTopic, from peer: PeerID, at now: UInt64) {
        let place = effects.count
        let verdict = judge(bytes, on: topic, from: peer, at: now)
        effects.insert(.verdict(verdict), at: place)
    }

    private mutating func judge(
        _ bytes: [UInt8], on topic: ChainTopic, from peer: PeerID, at now: UInt64
    ) -> ChainVerdict {
        guard bytes.count <= ChainMessage.byteLimit else {
            log(
                .malformedMessage,
                "\(peer.short) sent \(bytes.count) bytes, above the limit of \(ChainMessage.byteLimit)")
            return .reject
        }
        let id = Digest(of: bytes, domain: "chain message")
        guard !seen.contains(id) else { return .ignore }
        let message: ChainMessage
        do throws(WireError) { message = try ChainMessage(canonicalBytes: bytes) } catch {
            log(.malformedMessage, "\(peer.short) sent what is no message: \(error)")
            return .reject
        }
        guard message.chain == head.genesis else {
            log(
                .wrongChain,
                "\(peer.short) sent a message of chain \(message.chain.short), ours is \(head.genesis.short)")
            return .reject
        }
        let verdict: ChainVerdict
        switch (topic, message.content) {
        case (.transactions, .transaction(let transaction)): verdict = take(transaction, from: peer, at: now)
        case (.consensus, .evidence(let evidence)): verdict = take(evidence, from: peer, at: now)
        case (.consensus, .proposal), (.consensus, .vote), (.consensus, .certificate):
            verdict = takeConsensus(message, size: bytes.count, from: peer, at: now)
        default:
            log(.malformedMessage, "\(peer.short) sent a message on the wrong topic")
            verdict = .reject
        }
        if verdict == .accept { seen.insert(id) }
        return verdict
    }

    private mutating func takeConsensus(
        _ message: ChainMessage, size: Int, from peer: PeerID, at now: UInt64
    ) -> ChainVerdict {
        guard let height = message.content.height else { return .reject }
        switch height {
        case head.height + 1:
            guard message.content.verifies(in: head.validators, chain: head.chain) else {
                return refuse(message.content, from: peer)
            }
            return take(message, at: now)
        case head.height + 2:
            guard message.content.verifies(in: head.nextValidators, chain: head.chain) else {
                return refuse(message.content, from: peer)
            }
            // Without room it is not noted as seen, so that it is taken when it comes again.
            return early.add(message, size: size) ? .accept : .ignore
        case head.height where head.height > 0:
            return completeLastCommit(with: message.content)
        case 0...head.height: return .ignore
        default:
            perform(sync.hint(from: peer, head: head.height, at: now), at: now)
            return .ignore
        }
    }

    private mutating func refuse(_ content: ChainMessage.Content, from peer: PeerID) -> ChainVerdict {
        log(.badSignature, "\(peer.short) sent a \(content.name) whose signature is not by a validator of this chain")
        return .reject
    }

    /// A verified message of the height that is being decided.
    mutating func take(_ message: ChainMessage, at now: UInt64) -> ChainVerdict {
        var verdict = ChainVerdict.accept
        let isFar = message.content.round > consensus.round &+ HeightMachine.roundWindow
        if !isFar { journal(.heard(message, at: now)) }
        switch message.content {
        case .proposal(let signed, let block):
            guard signed.proposal.polkaRound != nil || block.header.proposer == signed.proposal.proposer else {
                log(.badBlock, "\(signed.proposal.proposer.key) proposed a block of another proposer as new")
                return .reject
            }
            keep(block, round: signed.proposal.round, at: now)
            verdict = drive(.proposal(signed), at: now)
        case .vote(let signed): verdict = drive(.vote(signed), at: now)
        case .certificate(let certificate): verdict = drive(.certificate(certificate), at: now)
        case .evidence, .transaction: return .ignore
        }
        begin(at: now, isUrged: true)
        return verdict
    }

    mutating func keep(_ block: Block, round: Round, at now: UInt64) {
        var precious: Set<Digest> = []
        for lock in [consensus.locked, consensus.valid] { if let lock { precious.insert(lock.block) } }
        blocks.add(block, received: now, round: round, precious: precious)
    }

    /// Precommits of the block that was just decided make the next block's certificate fuller.
    private mutating func completeLastCommit(with content: ChainMessage.Content) -> ChainVerdict {
        guard case .vote(let signed) = content, signed.vote.kind == .precommit, signed.vote.block == head.lastBlock,
            let set = head.lastValidators, previous != nil
        else { return .ignore }
        guard signed.verifies(in: set, chain: head.chain) else { return .reject }
        for effect in previous?.step(.vote(signed)) ?? [] {
            if case .evidence(let found) = effect { report(found) }
        }
        return .accept
    }

    private mutating func take(_ found: Evidence, from peer: PeerID, at now: UInt64) -> ChainVerdict {
        do throws(OffenceRecord.Problem) {
            try head.record.check(found, head: head.height + 1, chain: head.chain)
        } catch {
            switch error {
            case .tooEarly, .tooOld, .alreadyPunished: return .ignore
            case .invalid(let problem):
                log(.badEvidence, "\(peer.short) sent evidence that proves nothing: \(problem)")
                return .reject
            }
        }
        guard found.offender != account else { return .ignore }
        guard evidence.add(found) else { return .ignore }
        log(.equivocation, "validator \(found.offender.key) signed two votes at height \(found.height)")
        begin(at: now)
        return .accept
    }

    /// Evidence this node found itself.
    mutating func report(_ found: Evidence) {
        guard found.offender != account, evidence.add(found) else { return }
        log(.equivocation, "validator \(found.offender.key) signed two votes at height \(found.height)")
        publish(.evidence(found))
    }

    private mutating func take(_ transaction: Transaction, from peer: PeerID, at now: UInt64) -> ChainVerdict {
        do throws(Mempool.Refusal) { try mempool.add(transaction, state: head.state, height: head.height) } catch {
            guard error.isFault else { return .ignore }
            log(.badTransaction, "\(peer.short) sent a transaction that cannot be taken: \(error)")
            return .reject
        }
        begin(at: now)
        return .accept
    }

    mutating func submit(_ transaction: Transaction, at now: UInt64) {
        do throws(Mempool.Refusal) {
            try mempool.checkFunds(of: transaction, state: head.state)
            try mempool.add(transaction, state: head.state, height: head.height)
        } catch {
            // What waits here is said again: others may have had a reason not to take it when they heard of it.
            guard case .known = error else { return effects.append(.refused(error)) }
        }
        effects.append(.admitted(transaction.id))
        own.note(transaction.id, at: now)
        publish(.transaction(transaction))
        begin(at: now)
    }

    /// Says again what still waits of this node's own.
    mutating func repeatOwn(at now: UInt64) {
        for id in own.due(at: now, waits: mempool.contains) {
            if let transaction = mempool.transaction(id) { publish(.transaction(transaction)) }
        }
    }
}

extension ChainMessage.Content {
    func verifies(in set: ValidatorSet, chain: ChainID) -> Bool {
        switch self {
        case .proposal(let signed, _): signed.verifies(in: set, chain: chain)
        case .vote(let signed): signed.verifies(in: set, chain: chain)
        case .certificate(let certificate): certificate.verifies(in: set, chain: chain)
        case .evidence, .transaction: false
        }
    }

    var name: String {
        switch self {
        case .proposal: "proposal"
        case .vote: "vote"
        case .certificate: "certificate"
        case .evidence: "evidence"
        case .transaction: "transaction"
        }
    }
}
