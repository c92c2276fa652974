/// `GET /v1/status`: one node at one moment.
public struct NodeStatus: Codable, Hashable, Sendable {
    public var name: String
    /// The libp2p peer id.
    public var peer: String
    /// The account the node works for, `ban1…`.
    public var account: String
    public var version: String
    public var chain: String
    /// Hexadecimal digest of the genesis.
    public var genesis: String
    /// The last committed block.
    public var height: UInt64
    public var block: String
    /// Milliseconds since 1970 in the header of the last block.
    public var blockTime: UInt64
    /// Hexadecimal root of the authenticated state after the last block.
    public var stateRoot: String
    public var isValidator: Bool
    public var validators: Int
    public var peers: Int
    /// Transactions that wait for a block.
    public var pending: Int
    public var listening: [String]
    public var uptimeSeconds: UInt64
    public var supply: SupplyReport
    /// On the wire since the process began, over connections that are closed, too.
    public var bytesSent: UInt64
    public var bytesReceived: UInt64
    /// What keeps the node from its work now; empty when all is well.
    public var troubles: [Trouble]

    public init(
        name: String, peer: String, account: String, version: String, chain: String, genesis: String, height: UInt64,
        block: String, blockTime: UInt64, stateRoot: String, isValidator: Bool, validators: Int, peers: Int,
        pending: Int, listening: [String], uptimeSeconds: UInt64, supply: SupplyReport, bytesSent: UInt64,
        bytesReceived: UInt64, troubles: [Trouble] = []
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
        self.troubles = troubles
    }
}

/// Something that keeps a node from its work, and what to do about it. The node goes on by itself when it is over.
public struct Trouble: Codable, Hashable, Sendable {
    public var detail: String
    public var remedy: String?
    /// Milliseconds since 1970.
    public var since: UInt64

    public init(detail: String, remedy: String?, since: UInt64) {
        self.detail = detail
        self.remedy = remedy
        self.since = since
    }
}

/// `GET /v1/health`: status 200 when all is well, 503 when the node waits for something.
public struct HealthReport: Codable, Hashable, Sendable {
    public var healthy: Bool
    public var troubles: [Trouble]

    public init(troubles: [Trouble]) {
        healthy = troubles.isEmpty
        self.troubles = troubles
    }
}

/// Where every seed (10⁻⁹ FIG) of the token is. Amounts are decimal strings of seeds: they do not fit a JavaScript number.
public struct SupplyReport: Codable, Hashable, Sendable {
    public var minted: String
    public var accounted: String
    /// Whether the parts add up to what was minted.
    public var conserved: Bool

    public init(minted: String, accounted: String, conserved: Bool) {
        self.minted = minted
        self.accounted = accounted
        self.conserved = conserved
    }
}
