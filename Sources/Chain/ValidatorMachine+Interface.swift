package import Consensus
package import Keys
package import Ledger
package import Store

/// Names one timer of a node. One that fires for what is over changes nothing.
package enum ChainTimer: Hashable, Sendable {
    case consensus(TimerID)
    /// It may be time for the next block.
    case begin(Height)
    /// The proposer waited for its clock or for the minimum interval.
    case build(Height, Round)
    case sync
}

/// What a block did, for those who act on it or show it.
package struct BlockEvents: Sendable {
    package let height: UInt64
    /// Milliseconds since 1970.
    package let time: UInt64
    package let blockID: Digest
    package let block: Block
    package let outcome: BlockOutcome
}

extension ValidatorMachine {
    package enum Input: Sendable {
        /// Once, after ``ValidatorMachine/restore(journal:)``.
        case start
        /// A message of a peer; the first effect about it is ``Effect/verdict(_:)``.
        case message([UInt8], on: ChainTopic, from: PeerID)
        case timer(ChainTimer)
        /// A transaction of this node's user; answered by ``Effect/admitted(_:)`` or ``Effect/refused(_:)``.
        case submit(Transaction)
        /// The peers that are connected now; given before each ``ChainTimer/sync``.
        case peers([PeerID])
        /// The answer to ``Effect/request(_:to:ticket:)``; nil when there was none.
        case syncAnswer(ticket: UInt64, [UInt8]?)
    }

    /// What has to be done, in this order, each before the next.
    package enum Effect: Sendable {
        case verdict(ChainVerdict)
        case admitted(Digest)
        case refused(Mempool.Refusal)
        /// Append to the journal; it may stay in a buffer.
        case journal([UInt8])
        /// Make the journal durable. Nothing that follows is done before that.
        case syncJournal
        /// Begin the journal anew with this record if there is one, durably; then remove what was before.
        case restartJournal([UInt8]?)
        /// Append to the block store, durably.
        case store(BlockStore.Entry)
        case snapshot(Snapshot)
        case publish([UInt8], on: ChainTopic)
        case request([UInt8], to: PeerID, ticket: UInt64)
        /// In milliseconds.
        case schedule(ChainTimer, after: UInt64)
        case committed(BlockEvents)
        case log(ChainLog)
        /// This node's rules and the quorum's differ, or the disk contradicts itself: stop, keep the data.
        case halt(String)
    }
}

/// Something a person may want to know. Lines of one kind are limited in rate by whoever writes them.
package struct ChainLog: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case malformedMessage, wrongChain, badSignature, badBlock, badEvidence, badTransaction
        case refusedBySigner, ownKeyAbused, equivocation, conflictingProposals, syncFailure, rejectedVote, info
    }
    package let kind: Kind
    package let text: String
}
