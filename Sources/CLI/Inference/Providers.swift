import API
import ArgumentParser

struct Providers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List who answers questions, with which model, for how much.",
        discussion: "Example: banyan providers --json")
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let found: [ProviderReport] = try await node.client().get("/v1/inference/providers")
        try output.show(found) { providers in
            guard !providers.isEmpty else { return "Nobody serves a model. Serve one: banyan serve smollm2" }
            let rows = providers.flatMap { provider in
                provider.offers.map { offer in
                    [
                        short(provider.provider), offer.name, offer.arithmetic, String(offer.model.prefix(16)),
                        offer.pricePerToken == "0" ? "free" : fig(offer.pricePerToken),
                        offer.tokensPerSecond.map(rounded) ?? "–", "\(offer.freeSlots)", fig(provider.stake),
                        provider.reputationLevel == 0 ? "–" : "\(provider.reputationLevel)",
                        offer.verification.joined(separator: " "),
                    ]
                }
            }
            return table(
                [
                    "PROVIDER", "MODEL", "MODE", "ROOT", "FIG/TOKEN", "TOKENS/S", "FREE", "STAKE", "LEVEL",
                    "VERIFICATION",
                ], rows)
        }
    }
}
