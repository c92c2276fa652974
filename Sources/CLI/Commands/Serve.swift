import ArgumentParser

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a node that answers questions with a language model.",
        discussion: """
            The same as 'banyan up --serve MODEL'; every option of 'up' is one of 'serve'. A provider needs a stake, which it loses
            when an answer is found wrong: fund the account that the node prints, and name --stake.

            Examples:
              banyan serve smollm2
              banyan serve smollm2 --price 0.5 --stake 100 --join /ip4/192.168.1.7/tcp/4001/p2p/12D3Koo…
            """)
    @Argument(help: "Name of a model in the store, or a file.") var model: String
    @OptionGroup var node: Up

    func run() async throws {
        var node = node
        node.serve.insert(model, at: 0)
        try await node.run()
    }
}
