import ArgumentParser

struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure parts of the program on this machine.",
        discussion: "Example: banyan bench inference --threads 2",
        subcommands: [BenchInference.self])
}
