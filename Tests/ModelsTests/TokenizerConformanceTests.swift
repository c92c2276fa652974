import Foundation
import Models
import Testing

/// The texts of Fixtures/tokenizers, against llama.cpp.
@Suite("Conformance of tokenisers")
struct TokenizerConformanceTests {
    private struct Expected: Decodable {
        let bytes: Vocabulary, pieces: Vocabulary
        let texts: [String]
        let ids: [String: [[TokenID]]]
    }

    private struct Vocabulary: Decodable {
        let model: String
        let tokens: [String]
        let kinds: [Int]
        let merges: [String]?
        let scores: [Double]?

        func tokenizer(pre: String) throws -> any Tokenizer {
            var values: [String: GGUFValue] = [
                "model": .text(Array(model.utf8)), "pre": .text(Array(pre.utf8)), "tokens": .texts(GGUFStrings(tokens)),
                "token_type": .integers(kinds),
            ]
            values["merges"] = merges.map { .texts(GGUFStrings($0)) }
            values["scores"] = scores.map { .reals($0) }
            return try GGUFMetadata(
                Dictionary(uniqueKeysWithValues: values.map { ("tokenizer.ggml." + $0, $1) }), path: "\(model), \(pre)"
            ).tokenizer()
        }
    }

    @Test("every text has the tokens that llama.cpp gives it, by every rule for words and by pieces")
    func tokens() throws {
        let url = InstalledModel.fixtures.appending(path: "tokenizers/tokens.json")
        let expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: url))
        #expect(expected.texts.count == 200 && expected.ids.count == 5)
        for (rule, ids) in expected.ids {
            let tokenizer =
                try rule == "pieces"
                ? expected.pieces.tokenizer(pre: "default") : expected.bytes.tokenizer(pre: rule)
            try #require(ids.count == expected.texts.count)
            for (text, tokens) in zip(expected.texts, ids) {
                let found = tokenizer.encode(text, parsesSpecial: false, addsSpecial: false)
                #expect(found == tokens, "\(rule): \(text.unicodeScalars.map { String($0.value, radix: 16) })")
            }
        }
    }
}
