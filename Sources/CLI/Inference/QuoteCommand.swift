import API
import ArgumentParser

struct QuoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quote",
        abstract: "What a question would cost, and of whom.",
        discussion: "Example: banyan quote \"Why is the sky blue?\" --tokens 200")
    @Argument(help: "The question.") var question: String
    @OptionGroup var options: AskOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let asked = options.question([.init(role: "user", content: question)])
        let quotes: [QuoteReport] = try await node.client().post("/v1/inference/quotes", asked)
        try output.show(quotes) { quotes in
            guard !quotes.isEmpty else { return "Nobody serves '\(asked.model)'. See: banyan providers" }
            return table(
                ["PROVIDER", "AT MOST", "FIG/TOKEN", "PROMPT", "WAITING", "TOKENS/S", "REMARK"],
                quotes.map { quote in
                    [
                        short(quote.provider), "\(fig(quote.maximumPrice)) FIG", fig(quote.pricePerToken),
                        "\(quote.promptTokens) tokens", "\(quote.waiting)", quote.tokensPerSecond.map(rounded) ?? "–",
                        quote.refusal ?? "",
                    ]
                })
        }
    }
}
