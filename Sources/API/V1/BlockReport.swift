/// `GET /v1/blocks` and `/v1/blocks/{height}`: one committed block.
package struct BlockReport: Codable, Hashable, Sendable {
    package struct Item: Codable, Hashable, Sendable {
        package var id: String
        /// The operation's name, e.g. `transfer`.
        package var operation: String
        package var sender: String
        package init(id: String, operation: String, sender: String) {
            self.id = id
            self.operation = operation
            self.sender = sender
        }
    }
    package var height: UInt64
    package var id: String
    package var time: UInt64
    package var proposer: String
    /// Root of the state after the block before this one.
    package var stateRoot: String
    package var transactions: [Item]
    /// How many validators signed the block before this one.
    package var signatures: Int

    package init(
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
