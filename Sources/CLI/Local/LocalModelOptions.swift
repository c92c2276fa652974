import API
import ArgumentParser
import Models
import Node

/// A model on this machine, for commands that need no network.
struct LocalModelOptions: ParsableArguments {
    enum Mode: String, CaseIterable, ExpressibleByArgument {
        case f32, int8

        var arithmetic: Arithmetic {
            switch self {
            case .f32: .float32
            case .int8: .int8
            }
        }
    }

    @Option(help: "Name of a model in the store, or a file; or BANYAN_MODEL.") var model: String?

    /// The model's file, its header read and checked.
    func file() throws(Problem) -> GGUFFile {
        let path = try ModelStore().file(model ?? ModelStore.usualModel)
        do throws(ModelError) { return try GGUFFile(path: path) } catch { throw Problem(error) }
    }

    /// The model without its weights in memory.
    func open() throws(Problem) -> LanguageModel {
        let file = try file()
        do throws(ModelError) { return try LanguageModel(file) } catch { throw Problem(error) }
    }
}
