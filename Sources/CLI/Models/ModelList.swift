import API
import ArgumentParser
import Node

struct ModelList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the models of the store.")
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = ModelStore()
        // A file that is no model is told, not hidden: it takes room and a name.
        let found = store.names.map { name in Result { () throws(Problem) in try ModelFacts(name: name, in: store) } }
        if output.json { return print(try OutputOptions.encode(found.compactMap { try? $0.get() })) }
        let rows = zip(store.names, found).map { name, result -> [String] in
            switch result {
            case .success(let facts):
                [
                    name, facts.architecture, megabytes(facts.bytes), facts.quantisation,
                    facts.contextLength.map(String.init) ?? "–", facts.root.map { String($0.prefix(16)) } ?? "–",
                ]
            case .failure(let problem): [name, "unusable: \(problem.detail)", "", "", "", ""]
            }
        }
        print(
            rows.isEmpty
                ? "No model in '\(store.directory)'. Fetch one: banyan model pull smollm2"
                : table(["NAME", "ARCHITECTURE", "SIZE", "QUANTISATION", "CONTEXT", "ROOT"], rows))
    }
}
