/// `GET /v1/status`: one node at one moment.
package struct NodeStatus: Codable, Hashable, Sendable {
    package var name: String
    /// The libp2p peer id.
    package var peer: String
    /// The account the node works for, `ban1…`.
    package var account: String
    package var version: String
    package var chain: String
    /// Hexadecimal digest of the genesis.
    package var genesis: String
    /// The last committed block.
    package var height: UInt64
    package var block: String
    /// Milliseconds since 1970 in the header of the last block.
    package var blockTime: UInt64
    /// Hexadecimal root of the authenticated state after the last block.
    package var stateRoot: String
    package var isValidator: Bool
    package var validators: Int
    package var peers: Int
    /// Transactions that wait for a block.
    package var pending: Int
    package var listening: [String]
    package var uptimeSeconds: UInt64
    package var supply: SupplyReport
    package var bytesSent: UInt64
    package var bytesReceived: UInt64

    package init(
        name: String, peer: String, account: String, version: String, chain: String, genesis: String, height: UInt64,
        block: String, blockTime: UInt64, stateRoot: String, isValidator: Bool, validators: Int, peers: Int,
        pending: Int, listening: [String], uptimeSeconds: UInt64, supply: SupplyReport, bytesSent: UInt64,
        bytesReceived: UInt64
    ) {
        self.name = name
        self.peer = peer
        self.account = account
        self.version = version
        self.chain = chain
        self.genesis = genesis
        self.height = height
        self.block = block
        self.blockTime = blockTime
        self.stateRoot = stateRoot
        self.isValidator = isValidator
        self.validators = validators
        self.peers = peers
        self.pending = pending
        self.listening = listening
        self.uptimeSeconds = uptimeSeconds
        self.supply = supply
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
    }
}

/// Where every seed (10⁻⁹ FIG) of the token is. Amounts are decimal strings of seeds: they do not fit a JavaScript number.
package struct SupplyReport: Codable, Hashable, Sendable {
    package var minted: String
    package var accounted: String
    /// Whether the parts add up to what was minted.
    package var conserved: Bool

    package init(minted: String, accounted: String, conserved: Bool) {
        self.minted = minted
        self.accounted = accounted
        self.conserved = conserved
    }
}
