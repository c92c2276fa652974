/// `GET /v1/blocks` and `/v1/blocks/{height}`: one committed block.
public struct BlockReport: Codable, Hashable, Sendable {
    public struct Item: Codable, Hashable, Sendable {
        public var id: String
        /// The operation's name, e.g. `transfer`.
        public var operation: String
        public var sender: String
        public init(id: String, operation: String, sender: String) {
            self.id = id
            self.operation = operation
            self.sender = sender
        }
    }
    public var height: UInt64
    public var id: String
    public var time: UInt64
    public var proposer: String
    /// Root of the state after the block before this one.
    public var stateRoot: String
    public var transactions: [Item]
    /// How many validators signed the block before this one.
    public var signatures: Int

    public init(
        height: UInt64, id: String, time: UInt64, proposer: String, stateRoot: String, transactions: [Item],
        signatures: Int
    ) {
        self.height = height
        self.id = id
        self.time = time
        self.proposer = proposer
        self.stateRoot = stateRoot
        self.transactions = transactions
        self.signatures = signatures
    }
}
