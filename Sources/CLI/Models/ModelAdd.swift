import API
import ArgumentParser
import Foundation
import Keys
import Node

struct ModelAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Put a GGUF file of yours into the store.",
        discussion: """
            The file is linked when it is on the same disk, and copied otherwise.

            Example: banyan model add ./model.Q4_K_M.gguf --name mine
            """)
    @Argument(help: "The file.", completion: .file(extensions: ["gguf"])) var file: String
    @Option(help: "Name in the store; that of the file without it.") var name: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = ModelStore()
        let base = (file as NSString).lastPathComponent
        let name = name ?? (base.hasSuffix(".gguf") ? String(base.dropLast(5)) : base)
        try ModelStore.check(name: name)
        _ = try ModelFacts(path: file, name: name)
        try store.make()
        guard !FileManager.default.fileExists(atPath: store.path(of: name)) else {
            throw Problem.refused("There is a model '\(name)' already.", remedy: "Take another name with --name.")
        }
        let bar = ProgressBar("reading", isQuiet: output.json)
        let digest = try Digest.ofFile(file, progress: bar)
        bar.clear()
        let copy = store.path(of: name) + ".new"
        try? FileManager.default.removeItem(atPath: copy)
        do {
            do { try FileManager.default.linkItem(atPath: file, toPath: copy) } catch {
                try FileManager.default.copyItem(atPath: file, toPath: copy)
            }
        } catch {
            try? FileManager.default.removeItem(atPath: copy)
            throw Problem.invalid("'\(file)' cannot be copied to '\(store.directory)': \(error.localizedDescription)")
        }
        try ModelFacts.adopt(copy, as: name, digest: digest, in: store)
        try output.show(try ModelFacts(name: name, in: store)) { "\($0.name) is here: \($0.path)\n\($0.text)" }
    }
}
