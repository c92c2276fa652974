internal import Consensus
internal import Keys
internal import Ledger
internal import Store
package import Wire

/// The content of a snapshot. It is this node's own: what comes from others is replayed from blocks. Whoever reads one names the referee.
extension ChainState: Canonical {
    package func encode(into writer: inout ByteWriter) {
        writer.write(chain)
        writer.write(genesis)
        writer.write(height)
        writer.write(lastBlock)
        writer.write(lastTime)
        writer.write(beacon)
        writer.write(resultsRoot)
        writer.write(optional: lastValidators)
        writer.write(validators)
        writer.write(nextValidators)
        writer.write(record)
        writer.writePrefixed(state.snapshot)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> ChainState {
        ChainState(
            chain: try reader.read(), genesis: try reader.read(), height: try reader.readUInt64(),
            lastBlock: try reader.read(), lastTime: try reader.readUInt64(), beacon: try reader.read(),
            resultsRoot: try reader.read(), lastValidators: try reader.readOptional(), validators: try reader.read(),
            nextValidators: try reader.read(), record: try reader.read(),
            state: try State(snapshot: try reader.readPrefixed(limit: Snapshot.limit)))
    }

    private init(
        chain: ChainID, genesis: Digest, height: Height, lastBlock: Digest, lastTime: UInt64, beacon: Digest,
        resultsRoot: Digest, lastValidators: ValidatorSet?, validators: ValidatorSet, nextValidators: ValidatorSet,
        record: OffenceRecord, state: State
    ) {
        self.chain = chain
        self.genesis = genesis
        self.height = height
        self.lastBlock = lastBlock
        self.lastTime = lastTime
        self.beacon = beacon
        self.resultsRoot = resultsRoot
        self.lastValidators = lastValidators
        self.validators = validators
        self.nextValidators = nextValidators
        self.record = record
        self.state = state
        referee = NoDisputes()
    }
}
