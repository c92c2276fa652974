import API
import ArgumentParser
import Foundation
import Models
import Node

/// A model on this machine, for commands that need no network.
struct LocalModelOptions: ParsableArguments {
    @Option(help: "Name of a model in the store, or a file; or BANYAN_MODEL.") var model: String?

    /// The model's file, its header read and checked.
    func file() throws(Problem) -> GGUFFile {
        let path = try ModelStore().file(model ?? ProcessInfo.processInfo.environment["BANYAN_MODEL"] ?? "smollm2")
        do throws(ModelError) { return try GGUFFile(path: path) } catch { throw Problem(error) }
    }
}
