import API
import ArgumentParser

struct ReceiptList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the answers that a node has got, newest first.")
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let receipts: [ReceiptReport] = try await node.client().get("/v1/inference/receipts")
        try output.show(receipts) { receipts in
            guard !receipts.isEmpty else { return "No answer yet. Ask: banyan ask \"Why is the sky blue?\"" }
            return table(
                ["RECEIPT", "PROVIDER", "TOKENS", "STOP", "PRICE", "VERDICT"],
                receipts.map {
                    [
                        String($0.id.prefix(16)), short($0.provider), "\($0.promptTokens) + \($0.outputTokens)",
                        $0.stop,
                        $0.price == "0" ? "free" : "\(fig($0.price)) FIG", $0.verdict,
                    ]
                })
        }
    }
}
