import ArgumentParser

struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Fetch, list and check model files.",
        discussion: """
            Models are GGUF files in ~/.banyan/models, or where BANYAN_MODELS says. A model's name on the network is its root: a
            digest over its weights, its tokeniser and its numbers, never its file name.

            Examples:
              banyan model pull smollm2
              banyan model pull https://example.org/model.Q4_K_M.gguf --sha256 9f86d081…
              banyan model add ./model.gguf
              banyan model list
              banyan model verify smollm2
            """,
        subcommands: [ModelList.self, ModelPull.self, ModelAdd.self, ModelVerify.self])
}
