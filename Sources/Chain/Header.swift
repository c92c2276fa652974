package import Consensus
package import Keys
package import Wire

/// What a block's digest covers: the root of an RFC 6962 tree over these fields, so that each of them can be proven alone.
///
/// ``stateRoot`` and ``resultsRoot`` are those after the block before this one: what block H did is proven by header H+1.
package struct Header: Canonical, Hashable {
    /// The only version there is.
    package static let currentVersion: UInt16 = 1

    package let version: UInt16
    package let chain: ChainID
    package let height: Height
    /// When the proposer first built the block, in milliseconds since 1970.
    package let time: UInt64
    /// The digest of the block before; the digest of the genesis at height 1.
    package let previous: Digest
    /// Of the certificate of the block before; zero at height 1.
    package let lastCommit: Digest
    /// RFC 6962 root over the transactions.
    package let transactions: Digest
    /// RFC 6962 root over the evidence.
    package let evidence: Digest
    /// The validators of this height.
    package let validators: Digest
    /// The validators of the next height.
    package let nextValidators: Digest
    /// What all nodes of the chain must agree on besides the state: the digest of the genesis.
    package let parameters: Digest
    package let stateRoot: Digest
    package let resultsRoot: Digest
    package let proposer: ValidatorID
    /// The proposer's VRF over the beacon of the block before: its output is this block's beacon.
    package let beacon: VRFProof

    package init(
        chain: ChainID, height: Height, time: UInt64, previous: Digest, lastCommit: Digest, transactions: Digest,
        evidence: Digest, validators: Digest, nextValidators: Digest, parameters: Digest, stateRoot: Digest,
        resultsRoot: Digest, proposer: ValidatorID, beacon: VRFProof
    ) {
        version = Self.currentVersion
        self.chain = chain
        self.height = height
        self.time = time
        self.previous = previous
        self.lastCommit = lastCommit
        self.transactions = transactions
        self.evidence = evidence
        self.validators = validators
        self.nextValidators = nextValidators
        self.parameters = parameters
        self.stateRoot = stateRoot
        self.resultsRoot = resultsRoot
        self.proposer = proposer
        self.beacon = beacon
    }

    /// The encoded fields in their order: the leaves of the tree.
    private var fields: [[UInt8]] {
        var version = ByteWriter()
        version.write(self.version)
        return [
            version.bytes, chain.canonicalBytes, height.canonicalBytes, time.canonicalBytes, previous.bytes,
            lastCommit.bytes,
            transactions.bytes, evidence.bytes, validators.bytes, nextValidators.bytes, parameters.bytes,
            stateRoot.bytes,
            resultsRoot.bytes, proposer.canonicalBytes, beacon.canonicalBytes,
        ]
    }

    /// The digest that validators vote for.
    package var id: Digest { MerkleTree.root(of: fields) }

    package func encode(into writer: inout ByteWriter) {
        for field in fields { writer.writeRaw(field) }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Header {
        let version = try reader.readUInt16()
        guard version == currentVersion else { throw .unknownTag(UInt64(version), of: "Header.version") }
        let chain: ChainID = try reader.read()
        let height = try reader.readUInt64()
        guard height > 0 else { throw .invalid("heights start at 1") }
        return Header(
            chain: chain, height: height, time: try reader.readUInt64(), previous: try reader.read(),
            lastCommit: try reader.read(), transactions: try reader.read(), evidence: try reader.read(),
            validators: try reader.read(), nextValidators: try reader.read(), parameters: try reader.read(),
            stateRoot: try reader.read(), resultsRoot: try reader.read(), proposer: try reader.read(),
            beacon: try reader.read())
    }
}
