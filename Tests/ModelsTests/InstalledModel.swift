import Foundation
import Models
import Testing

/// The language model that `Scripts/setup test` installs; `BANYAN_MODEL` names another place.
enum InstalledModel {
    struct Missing: Error, CustomStringConvertible {
        let path: String
        var description: String { "no model at \(path); run Scripts/setup test" }
    }

    static var path: String {
        get throws {
            let path =
                ProcessInfo.processInfo.environment["BANYAN_MODEL"]
                ?? NSHomeDirectory() + "/.banyan/models/SmolLM2-135M-Instruct.Q4_1.gguf"
            guard FileManager.default.fileExists(atPath: path) else { throw Missing(path: path) }
            return path
        }
    }

    /// One answer of `Fixtures/smollm2/smollm2_greedy.json`.
    struct Answer: Decodable {
        let prompt: String
        let prompt_ids: [TokenID]
        let output_ids: [TokenID]
        let output_text: String
    }

    struct Tokenisation: Decodable {
        let text: String
        let ids_parse_special: [TokenID]
        let ids_no_special: [TokenID]
        let roundtrip: Bool
    }

    struct Greedy: Decodable {
        let generation: [Answer]
        let tokenisation: [Tokenisation]
    }

    static func fixture<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: fixtures.appending(path: "smollm2/\(name)")))
    }

    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures")
}
