package import Consensus
package import Keys
package import Ledger
internal import Wire

/// What a block does: found by running it, kept until it is decided.
package struct Execution: Sendable {
    package let after: ChainState
    package let outcome: BlockOutcome
}

/// Why a block may not follow. The same on every correct node.
package enum BlockProblem: Error, Hashable, Sendable {
    case field(String)
    case commit(Commit.Problem)
    case missingCommit
    case strangeProposer(ValidatorID)
    case beacon
    case time(UInt64, last: UInt64)
    case evidence(OffenceRecord.Problem)
    case repeatedEvidence
    case tooLarge(Int)
    case transactions(String)
}

extension ChainState {
    /// What a proposer's VRF is over: the beacon before, bound to chain and height.
    package static func beaconInput(chain: ChainID, height: Height, last: Digest) -> [UInt8] {
        var writer = ByteWriter()
        writer.write("banyan beacon")
        writer.write(chain)
        writer.write(height)
        writer.write(last)
        return writer.bytes
    }

    /// Builds the next block as `proposer`. Transactions that cannot be in it are left out.
    package func build(
        transactions candidates: [Transaction], verified: Set<Digest>, evidence candidateEvidence: [Evidence],
        lastCommit: Commit?,
        time: UInt64,
        proposer: ValidatorID, key: SigningKey
    ) -> (block: Block, execution: Execution)? {
        let evidence = Array(
            candidateEvidence.filter { (try? record.check($0, head: height, chain: chain)) != nil }.prefix(
                Block.evidenceLimit))
        let proof = key.prove(alpha: ChainState.beaconInput(chain: chain, height: height + 1, last: beacon))
        var transactions = candidates
        // Each turn leaves out at least one transaction; the last is an empty block.
        while true {
            let header = Header(
                chain: chain, height: height + 1, time: time, previous: lastBlock,
                lastCommit: Block.digest(of: lastCommit), transactions: Block.root(of: transactions),
                evidence: Block.root(of: evidence), validators: validators.digest,
                nextValidators: nextValidators.digest, parameters: genesis, stateRoot: state.root,
                resultsRoot: resultsRoot, proposer: proposer, beacon: proof)
            let block = Block(header: header, transactions: transactions, evidence: evidence, lastCommit: lastCommit)
            guard let output = validators[proposer]?.key.verify(proof, alpha: beaconInput) else { return nil }
            do throws(BlockRejection) {
                return (block, try run(block, beacon: output.digest, verified: verified))
            } catch {
                guard case .transaction(let bad, _) = error, transactions.indices.contains(bad) else { return nil }
                let signer = transactions[bad].signer
                transactions.remove(at: bad)
                // What follows from the same key has its nonces after a gap now.
                transactions = transactions.prefix(bad) + transactions.dropFirst(bad).filter { $0.signer != signer }
            }
        }
    }

    private var beaconInput: [UInt8] { ChainState.beaconInput(chain: chain, height: height + 1, last: beacon) }

    /// Checks everything about a block that all nodes must agree on, and runs it.
    /// - Parameters:
    ///   - size: of the encoded block, in bytes.
    ///   - verified: ids of transactions whose signatures were verified before.
    package func validate(_ block: Block, size: Int, verified: Set<Digest> = []) throws(BlockProblem) -> Execution {
        guard size <= Block.byteLimit else { throw .tooLarge(size) }
        let header = block.header
        guard header.chain == chain else { throw .field("chain") }
        guard header.height == height + 1 else { throw .field("height") }
        guard header.previous == lastBlock else { throw .field("previous") }
        guard header.parameters == genesis else { throw .field("parameters") }
        guard header.stateRoot == state.root else { throw .field("stateRoot") }
        guard header.resultsRoot == resultsRoot else { throw .field("resultsRoot") }
        guard header.validators == validators.digest else { throw .field("validators") }
        guard header.nextValidators == nextValidators.digest else { throw .field("nextValidators") }
        guard header.lastCommit == Block.digest(of: block.lastCommit) else { throw .field("lastCommit") }
        guard header.transactions == Block.root(of: block.transactions) else { throw .field("transactions") }
        guard header.evidence == Block.root(of: block.evidence) else { throw .field("evidence") }
        guard header.time > lastTime else { throw .time(header.time, last: lastTime) }
        try checkLastCommit(of: block)
        guard let proposer = validators[header.proposer] else { throw .strangeProposer(header.proposer) }
        guard let output = proposer.key.verify(header.beacon, alpha: beaconInput) else { throw .beacon }
        guard Set(block.evidence.map(\.id)).count == block.evidence.count else { throw .repeatedEvidence }
        for evidence in block.evidence {
            do throws(OffenceRecord.Problem) { try record.check(evidence, head: height, chain: chain) } catch {
                throw .evidence(error)
            }
        }
        do throws(BlockRejection) { return try run(block, beacon: output.digest, verified: verified) } catch {
            throw .transactions("\(error)")
        }
    }

    private func checkLastCommit(of block: Block) throws(BlockProblem) {
        guard let lastValidators else {
            guard block.lastCommit == nil else { throw .field("lastCommit") }
            return
        }
        guard let commit = block.lastCommit else { throw .missingCommit }
        do throws(Commit.Problem) {
            try commit.verify(block: lastBlock, height: height, set: lastValidators, chain: chain)
        } catch { throw .commit(error) }
    }

    /// Applies a block that is on this node's own disk: it was validated before it was written.
    package func replay(_ block: Block) throws(ChainError) -> Execution {
        guard block.height == height + 1, block.header.previous == lastBlock, block.header.stateRoot == state.root,
            let output = validators[block.header.proposer]?.key.verify(block.header.beacon, alpha: beaconInput)
        else { throw .damaged("the stored block \(block.height) does not follow from the state at \(height)") }
        do throws(BlockRejection) {
            return try run(block, beacon: output.digest, verified: Set(block.transactions.map(\.id)))
        } catch {
            throw .damaged("the stored block \(block.height) cannot be applied: \(error)")
        }
    }

    private func run(_ block: Block, beacon: Digest, verified: Set<Digest>) throws(BlockRejection) -> Execution {
        var after = self
        let signers = lastValidators.flatMap { set in block.lastCommit?.signers(in: set) } ?? []
        let offences = block.evidence.map { Offence(account: $0.offender, height: $0.height) }
        let context = BlockContext(
            height: block.height, time: block.header.time, proposer: block.header.proposer, beacon: beacon,
            signers: signers, offences: offences)
        let outcome = try after.state.apply(block.transactions, in: context, trusting: verified, referee: referee)
        after.height = block.height
        after.lastBlock = block.id
        after.lastTime = block.header.time
        after.beacon = beacon
        after.resultsRoot = MerkleTree.root(of: outcome.results.map(\.leaf))
        after.lastValidators = validators
        after.validators = nextValidators
        after.nextValidators = ChainState.set(
            after: nextValidators, members: ChainState.members(of: after.state, at: after.lastTime))
        after.record.advance(to: block.height, punishing: block.evidence, next: after.validators)
        return Execution(after: after, outcome: outcome)
    }

    /// The set one height on, with the members the ledger names. A ledger that names nobody changes nothing: a chain without
    /// validators could never elect any again.
    private static func set(after set: ValidatorSet, members: [ValidatorChange]) -> ValidatorSet {
        var changes = members.filter { member in
            set[member.id].map { $0.power != member.power || $0.key != member.key } ?? true
        }
        let wanted = Set(members.map(\.id))
        changes += set.validators.filter { !wanted.contains($0.id) }.map {
            ValidatorChange(id: $0.id, key: $0.key, power: 0)
        }
        if !members.isEmpty, let next = try? set.next(changes: changes) { return next }
        var same = set
        same.advance()
        return same
    }
}
