package import API
import Foundation

/// The directory of model files, one `NAME.gguf` a model. Beside it, `NAME.gguf.sha256` and `NAME.gguf.root` say what it was when it came.
package struct ModelStore: Sendable {
    package let directory: String

    package init(directory: String = Self.standardDirectory) { self.directory = directory }

    /// `BANYAN_MODELS`, or `~/.banyan/models`.
    package static var standardDirectory: String {
        let named = ProcessInfo.processInfo.environment["BANYAN_MODELS"] ?? ""
        return named.isEmpty ? NSHomeDirectory() + "/.banyan/models" : named
    }

    /// The model that is meant when none is named: `BANYAN_MODEL`, or SmolLM2.
    package static var usualModel: String {
        let named = ProcessInfo.processInfo.environment["BANYAN_MODEL"] ?? ""
        return named.isEmpty ? "smollm2" : named
    }

    /// Short names of well-known files.
    package static let aliases = ["smollm2": "SmolLM2-135M-Instruct.Q4_1"]

    /// Names without `.gguf`, in order.
    package var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return files.filter { $0.hasSuffix(".gguf") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// Where the model of that name is or would be.
    package func path(of name: String) -> String { "\(directory)/\(name).gguf" }

    /// The file that a person means: a path that exists, a name of the store in any case, or an alias.
    package func file(_ text: String) throws(Problem) -> String {
        if text.contains("/") || text.hasSuffix(".gguf"), FileManager.default.fileExists(atPath: text) { return text }
        let name = text.hasSuffix(".gguf") ? String(text.dropLast(5)) : text
        let wanted = Self.aliases[name.lowercased()] ?? name
        if let found = names.first(where: { $0.lowercased() == wanted.lowercased() }) { return path(of: found) }
        let known = names.isEmpty ? "" : " Known here: \(names.joined(separator: ", "))."
        let remedy =
            Self.aliases[name.lowercased()] != nil
            ? "Fetch it: banyan model pull \(name.lowercased())"
            : "Fetch a model with 'banyan model pull', or add a file with 'banyan model add FILE'.\(known)"
        throw .notFound("There is no model '\(text)' in '\(directory)'.", remedy: remedy)
    }

    /// The SHA-256 that was written down when the file came, hexadecimal; nil when none was.
    package func pin(of name: String) -> String? { firstWord(path(of: name) + ".sha256") }

    /// The model's root that was written down when the file came, hexadecimal: its name on the network.
    package func root(of name: String) -> String? { firstWord(path(of: name) + ".root") }

    /// Writes down what a file is when it comes; its SHA-256 in the form of `sha256sum`.
    package func note(sha256: String, root: String, of name: String) throws(Problem) {
        try write("\(sha256)  \(name).gguf\n", to: path(of: name) + ".sha256")
        try write("\(root)\n", to: path(of: name) + ".root")
    }

    private func firstWord(_ path: String) -> String? {
        let text = try? String(contentsOfFile: path, encoding: .utf8)
        return text?.split(whereSeparator: \.isWhitespace).first.map(String.init)
    }

    private func write(_ text: String, to path: String) throws(Problem) {
        do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw .invalid("'\(path)' cannot be written.")
        }
    }

    /// - Throws: ``Problem`` unless `name` can be the name of a file here and nowhere else.
    package static func check(name: String) throws(Problem) {
        let isSafe = name.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || "._-".utf8.contains($0)
        }
        guard isSafe, !name.isEmpty, name.utf8.count <= 200, !name.hasPrefix(".") else {
            throw .invalid(
                "'\(name)' is no name of a model.",
                remedy: "Use letters, digits, '.', '_' and '-'; choose one with --name.")
        }
    }

    package func make() throws(Problem) {
        do { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true) } catch {
            throw .invalid(
                "The model store '\(directory)' cannot be made.", remedy: "Choose another with BANYAN_MODELS.")
        }
    }
}
