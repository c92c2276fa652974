import Foundation
import Models
import Testing

/// The models of Fixtures/families, against llama.cpp.
@Suite("Conformance of each family")
struct FamilyTests {
    private struct Expected: Decodable {
        let text: [TokenID]
        /// Of the probability of each token, after each token of the text.
        let logarithms: [[Double]]
    }

    private static let names = ["gemma", "llama", "llama-scaled", "qwen2", "qwen3"]
    private static let folder = InstalledModel.fixtures.appending(path: "families")

    @Test("every model of the set is tested, and every architecture that can be run has one")
    func whole() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(Set(files.filter { $0.hasSuffix(".gguf") }) == Set(Self.names.map { $0 + ".gguf" }))
        let architectures = try Self.names.map { try open($0).shape.architecture }
        #expect(Set(architectures) == Set(TransformerShape.Architecture.allCases))
    }

    @Test("float32 gives the probabilities that llama.cpp gives, for every token after every prefix", arguments: names)
    func probabilities(name: String) throws {
        let worst = try deviation(name, .float32)
        // llama.cpp looks GELU up in a table of 16-bit floats: a program in doubles that does so too agrees with it to 4e-4, without to 7.4e-3.
        #expect(worst < (name == "gemma" ? 1e-2 : 1e-4), "logarithms differ by \(worst)")
    }

    @Test("int8 gives them as far as rounded activations can", arguments: names)
    func rounded(name: String) throws {
        let worst = try deviation(name, .int8)
        #expect(worst < 1, "logarithms differ by \(worst)")
    }

    private func open(_ name: String) throws -> LanguageModel {
        try LanguageModel.open(Self.folder.appending(path: name + ".gguf").path)
    }

    /// How far the logarithms of probabilities are apart at most.
    private func deviation(_ name: String, _ arithmetic: Arithmetic) throws -> Double {
        let data = try Data(contentsOf: Self.folder.appending(path: name + ".json"))
        let expected = try JSONDecoder().decode(Expected.self, from: data)
        let model = try open(name)
        let transformer = try Transformer(model, arithmetic: arithmetic, threads: 1)
        let piece = Transformer.Piece(cache: KeyValueCache(model.shape), tokens: expected.text, logits: .all)
        let logits = try transformer.forward([piece])[0].map(Double.init)
        let vocabulary = model.shape.vocabulary
        try #require(
            logits.count == expected.text.count * vocabulary && expected.logarithms.count == expected.text.count)
        var worst = 0.0
        for (position, row) in expected.logarithms.enumerated() {
            let ours = logits[position * vocabulary..<(position + 1) * vocabulary]
            let total = log(ours.reduce(0) { $0 + exp($1) })
            try #require(row.count == vocabulary)
            for (our, their) in zip(ours, row) { worst = max(worst, abs(our - total - their)) }
        }
        return worst
    }
}
