package import Consensus
package import Keys
package import Ledger

// What the rest of the node sees of its chain.

extension ChainService {
    /// The nonce for the key's next transaction, counting those that wait.
    package func nextNonce(of signer: PublicKey) async -> UInt64 {
        machine.mempool.nextNonce(of: signer, state: machine.head.state)
    }

    package var head: ChainHead {
        ChainHead(
            height: durableHead.height, blockID: durableHead.lastBlock, time: durableHead.lastTime,
            state: durableHead.state)
    }

    /// Why the chain stands still; nil when it does not.
    package var trouble: ChainTrouble? { outage?.trouble }

    /// The name that is in every signature of this chain.
    package var chain: ChainID { machine.head.chain }
    /// Whether this node signs at the next height.
    package var isValidator: Bool { machine.isValidator }
    /// The validators of the next height.
    package var validators: ValidatorSet { durableHead.validators }
    /// How many transactions wait.
    package var pendingCount: Int { machine.mempool.count }
    /// A transaction that waits; nil when it does not.
    package func pending(_ id: Digest) -> Transaction? { machine.mempool.transaction(id) }
    /// How many lines of each kind there were, written or not.
    package var logCounts: [ChainLog.Kind: UInt64] { logs.counts }

    /// The decided block at a height; nil when this node does not have it.
    package func block(at height: UInt64) async throws -> DecidedBlock? { try storage.block(at: height) }

    /// Decided blocks in order of height, at most 256.
    package func blocks(from height: UInt64, limit: Int) async throws -> [DecidedBlock] {
        var blocks: [DecidedBlock] = []
        var next = height
        while blocks.count < min(limit, SyncAnswer.blockLimit), let block = try storage.block(at: next) {
            blocks.append(block)
            next += 1
        }
        return blocks
    }

    /// Every block from now on. A reader that lags more than 1,024 blocks behind misses the oldest.
    package func events() -> AsyncStream<BlockEvents> { audience.addReader() }

    /// The height of every block from now on; a reader that lags sees the newest only.
    package func heights() -> AsyncStream<UInt64> { audience.addWatcher() }

    /// A proof of an entry of the state before the last block, which the last header commits to.
    /// - Returns: nil before the first block.
    package func proof(of key: StateKey) async -> AccountProofBundle? { machine.proof(of: key) }
}

extension ValidatorMachine {
    /// A proof of an entry of the state before the last block; nil before the first block.
    package func proof(of key: StateKey) -> AccountProofBundle? {
        guard let state = provenState, let header = headHeader, let commit = headCommit, let set = head.lastValidators
        else {
            return nil
        }
        return AccountProofBundle(
            proof: state.prove(key), header: header, commit: commit, validators: set)
    }
}
