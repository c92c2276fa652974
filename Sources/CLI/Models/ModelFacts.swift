import API
import Foundation
import Keys
import Models
import Node

/// What a model file is, as its header says.
struct ModelFacts: Encodable {
    var name: String
    var path: String
    var bytes: Int
    /// E.g. `llama`.
    var architecture: String
    /// The type that most bytes of the weights have, e.g. `Q4_1`.
    var quantisation: String
    var parameters: Int
    /// Prompt and answer together, in tokens.
    var contextLength: Int?
    /// The SHA-256 and the model's root, as written down when the file came.
    var sha256: String?
    var root: String?

    /// Reads the header, and so refuses a file that is no model.
    init(name: String, in store: ModelStore) throws(Problem) {
        try self.init(path: store.path(of: name), name: name)
        sha256 = store.pin(of: name)
        root = store.root(of: name)
    }

    init(path: String, name: String) throws(Problem) {
        do throws(ModelError) {
            let file = try GGUFFile(path: path)
            (self.name, self.path, bytes) = (name, path, file.size)
            architecture = try file.metadata.text("general.architecture", default: "unknown")
            let length = try file.metadata.integer("\(architecture).context_length", default: 0)
            contextLength = length > 0 ? length : nil
            quantisation = file.prevailingType ?? "none"
            parameters = file.tensors.values.reduce(0) { $0 + $1.rows * $1.columns }
        } catch {
            throw Problem(error)
        }
    }

    var text: String {
        """
        architecture  \(architecture), \(millions(parameters)) parameters\(contextLength.map { ", context of \($0) tokens" } ?? "")
        size          \(megabytes(bytes)), mostly \(quantisation)
        root          \(root ?? "not written down; see 'banyan model verify'")
        sha256        \(sha256 ?? "not written down; it came by other ways")
        """
    }

    /// Makes a fetched file a model of the store, if it is one.
    static func adopt(_ fetched: String, as name: String, digest: Digest, in store: ModelStore) throws(Problem) {
        let root: Digest
        do throws(Problem) { root = try self.root(of: fetched) } catch {
            try? FileManager.default.removeItem(atPath: fetched)
            throw error
        }
        guard unsafe rename(fetched, store.path(of: name)) == 0 else {
            throw .invalid("'\(fetched)' cannot be renamed to '\(store.path(of: name))'.")
        }
        try store.note(sha256: "\(digest)", root: "\(root)", of: name)
    }

    /// The model's name on the network. Reads the whole file.
    static func root(of path: String) throws(Problem) -> Digest {
        do throws(ModelError) { return try WeightTree(try GGUFFile(path: path)).identity.root } catch {
            throw Problem(error)
        }
    }
}

/// "134.5 M"
func millions(_ count: Int) -> String { "\((Double(count) / 1e5).rounded() / 10) M" }
