import API
import ArgumentParser

struct BlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "block",
        abstract: "Show committed blocks.",
        discussion: """
            Examples:
              banyan block            the last ten
              banyan block 42         one block and its transactions
            """)
    @Argument(help: "Height of the block; without it, the last ones.") var height: UInt64?
    @Option(help: "How many of the last blocks.") var limit = 10
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try node.client()
        guard let height else {
            let blocks: [BlockReport] = try await client.get("/v1/blocks?limit=\(limit)")
            return try output.show(blocks) { blocks in
                table(
                    ["HEIGHT", "BLOCK", "TRANSACTIONS", "SIGNATURES", "PROPOSER"],
                    blocks.map { block in
                        [
                            "\(block.height)", "\(block.id.prefix(16))", "\(block.transactions.count)",
                            "\(block.signatures)", block.proposer,
                        ]
                    })
            }
        }
        try output.show(try await client.get("/v1/blocks/\(height)", as: BlockReport.self)) { block in
            """
            height      \(block.height)
            block       \(block.id)
            time        \(block.time) ms since 1970
            proposer    \(block.proposer)
            state root  \(block.stateRoot)  (after block \(block.height &- 1))
            signatures  \(block.signatures) on the block before
            \(table(["TRANSACTION", "OPERATION", "SENDER"], block.transactions.map { [String($0.id.prefix(16)), $0.operation, $0.sender] }))
            """
        }
    }
}
