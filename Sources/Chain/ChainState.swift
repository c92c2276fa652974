package import Consensus
package import Keys
package import Ledger
internal import Wire

/// All that follows from the blocks up to one height: what the next block is checked against.
///
/// A pure function of genesis and blocks. What a block changes in the validators counts from two heights later on.
package struct ChainState: Sendable {
    package let chain: ChainID
    /// The digest of the genesis.
    package let genesis: Digest
    /// The height of the last block; 0 before the first.
    package internal(set) var height: Height
    /// The digest of the last block; that of the genesis before the first.
    package internal(set) var lastBlock: Digest
    /// The date of the last block in milliseconds since 1970; of the genesis before the first.
    package internal(set) var lastTime: UInt64
    /// The random value of the last block.
    package internal(set) var beacon: Digest
    /// Of the results of the last block.
    package internal(set) var resultsRoot: Digest
    /// The validators of the last height, who signed the last block; nil before the first.
    package internal(set) var lastValidators: ValidatorSet?
    /// The validators of the next height.
    package internal(set) var validators: ValidatorSet
    /// The validators of the height after it.
    package internal(set) var nextValidators: ValidatorSet
    package internal(set) var record: OffenceRecord
    package internal(set) var state: State
    /// Conducts the disputes of the ledger. A part of the rules, and no part of what is stored.
    package internal(set) var referee: any DisputeReferee

    /// - Parameter referee: for whoever runs blocks on a chain with disputes.
    package init(genesis: Genesis, referee: any DisputeReferee = NoDisputes()) throws(ChainError) {
        self.referee = referee
        do { state = try State(genesis: genesis) } catch { throw .genesis("\(error)") }
        self.genesis = genesis.digest
        chain = ChainState.chainID(of: genesis)
        height = 0
        lastBlock = genesis.digest
        lastTime = genesis.time
        beacon = Digest(of: genesis.digest.bytes, domain: "beacon")
        resultsRoot = MerkleTree.emptyRoot
        do throws(ValidatorSet.Problem) {
            validators = try ValidatorSet(ChainState.members(of: state, at: genesis.time))
            nextValidators = try validators.next()
        } catch { throw .genesis("\(error)") }
        record = OffenceRecord(first: validators)
    }

    /// The name of a chain: that of its genesis, and the first digits of the genesis's digest.
    package static func chainID(of genesis: Genesis) -> ChainID {
        var name = ""
        for character in genesis.name where (name + String(character)).utf8.count <= ChainID.byteLimit - 9 {
            name.append(character)
        }
        return ChainID(name + "-" + genesis.digest.short)!
    }

    /// - Parameter time: of the last block.
    static func members(of state: State, at time: UInt64) -> [ValidatorChange] {
        state.validators(at: time).map { ValidatorChange(id: $0.id, key: $0.key, power: $0.power) }
    }
}

/// Why a chain cannot be started or continued.
package enum ChainError: Error, Sendable, CustomStringConvertible {
    case genesis(String)
    /// What is on the disk contradicts itself.
    case damaged(String)
    case stopped(String)
    /// Nothing is taken for now.
    case waiting(ChainTrouble)

    package var description: String {
        switch self {
        case .genesis(let text): "the genesis is not usable: \(text)"
        case .damaged(let text): "the data directory is damaged: \(text)"
        case .stopped(let text): "the chain has stopped: \(text)"
        case .waiting(let trouble): trouble.detail
        }
    }
}
