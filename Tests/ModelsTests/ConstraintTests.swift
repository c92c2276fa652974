import Foundation
import Keys
import Models
import Testing

@Suite("Answers in JSON")
struct ConstraintTests {
    private func accepts(_ text: String, wantsObject: Bool = false) -> Bool {
        var state = JSONState(wantsObject: wantsObject)
        for byte in text.utf8 where !state.advance(byte) { return false }
        return state.isComplete
    }

    @Test("JSON is taken, what is not JSON is not")
    func texts() {
        for text in [
            "{}", "[]", "0", "-0", "12.5e-3", "1E+9", "\"\"", "true", "false", "null", " [1 , 2]",
            "{\"a\":{\"b\":[null,true]}}",
            "{\"\\u00e9\\n\\\"\":\"é日😀\"}", "[[],{},\"\",-1]", "\"\\uD7FF\\uE000\"", "[1]", "{\"a\" : 1 ,\"b\":2}",
            String(repeating: "[", count: 64) + String(repeating: "]", count: 64),
        ] {
            #expect(accepts(text), "\(text)")
            #expect(throws: Never.self) {
                try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            }
        }
        for text in [
            "", "{", "[1,]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{1:2}", "01", "1.", ".5", "1e", "+1", "--1",
            "- 1", "tru",
            "truee", "nul", "\"", "\"\\x\"", "\"\\u12\"", "\"\\uD800\"", "\"\\udfff\"", "\"\n\"", "1 2", "{} ", "[1}",
            "{\"a\":1]",
            "'a'", "]", "1e999", "NaN", String(repeating: "[", count: 65), String(repeating: " ", count: 25) + "1",
            String(repeating: "1", count: 61),
        ] { #expect(!accepts(text), "\(text)") }
        #expect(accepts("{\"a\":[1]}", wantsObject: true) && accepts(" {}", wantsObject: true))
        for text in ["[]", "1", "\"a\"", "true"] { #expect(!accepts(text, wantsObject: true)) }
    }

    @Test("every damaged byte in a string is refused, exactly as UTF-8 says", arguments: 0..<4 as Range<UInt64>)
    func utf8(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let edges: [UInt8] = [
            0x41, 0x80, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xa0, 0xed, 0x9f, 0xf0, 0x90, 0xf3, 0xf4, 0x8f, 0xf5,
        ]
        for _ in 0..<5_000 {
            let body = (0..<generator.next(below: 6)).map { _ in edges[Int(generator.next(below: 16))] }
            var state = JSONState(wantsObject: false)
            let taken = ([0x22] + body + [0x22]).allSatisfy { state.advance($0) }
            #expect(taken == (String(validating: body, as: UTF8.self) != nil), "\(body)")
        }
    }

    /// Lets random logits write; returns the text, and whether it ended by itself.
    private func write(
        _ tokenizer: any Tokenizer, _ vocabulary: JSONVocabulary, wantsObject: Bool, seed: UInt64, limit: Int
    ) throws -> (text: [UInt8], ended: Bool) {
        var generator = SeededGenerator(seed: seed)
        let parameters = try #require(SamplingParameters(temperature: 1000, maximumTokens: 1))
        let sampler = Sampler(parameters, seed: Digest(sha256: [UInt8(seed)]))
        var constraint = TokenConstraint(vocabulary, tokenizer, wantsObject: wantsObject)
        var text: [UInt8] = []
        // Closing marks and the end are made likely, or random texts would nest for ever.
        let closing: Set<UInt8> = [
            UInt8(ascii: "\""), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"), UInt8(ascii: "0"),
        ]
        var logits = (0..<tokenizer.vocabularyCount).map { _ in Float(generator.next(below: 1000)) / 250 }
        for token in logits.indices {
            let bytes = tokenizer.bytes(of: TokenID(token))
            if let last = bytes.last, closing.contains(last) { logits[token] += 3 }
        }
        for token in tokenizer.endTokens { logits[Int(token)] = 12 }
        for position in 0..<limit {
            let allowed = constraint.allowed
            #expect(allowed.lowest != nil)
            let token = sampler.sample(logits, position: position, allowed: allowed)
            let complete = constraint.isComplete
            let accepted = constraint.accept(token)
            #expect(accepted)
            if tokenizer.endTokens.contains(token) {
                #expect(complete)
                return (text, true)
            }
            text += tokenizer.bytes(of: token)
        }
        return (text, false)
    }

    @Test("whatever the model prefers, what it ends is JSON")
    func installed() throws {
        let tokenizer = try GGUFFile(path: try InstalledModel.path).metadata.tokenizer()
        let vocabulary = try JSONVocabulary(tokenizer)
        var ended = 0
        for seed in 0..<24 as Range<UInt64> {
            let result = try write(tokenizer, vocabulary, wantsObject: seed % 2 == 0, seed: seed, limit: 300)
            guard result.ended else { continue }
            ended += 1
            let value = try JSONSerialization.jsonObject(with: Data(result.text), options: .fragmentsAllowed)
            if seed % 2 == 0 { #expect(value is [String: Any]) }
        }
        #expect(ended >= 12)
        let twice = try (0..<2).map { _ in try write(tokenizer, vocabulary, wantsObject: true, seed: 3, limit: 60).text
        }
        #expect(twice[0] == twice[1])
    }

    @Test("a mask is exactly the tokens whose bytes may follow")
    func masks() throws {
        let tokenizer = try SmallVocabulary.bytePairs(
            merges: ["\" :", "} ,", "} }", "t r", "1 2"], extra: ["tokenizer.ggml.eos_token_id": .integer(256 + 5)]
        ).tokenizer()
        let vocabulary = try JSONVocabulary(tokenizer)
        for text in [
            "", "{", "{\"a", "{\"a\"", "{\"a\":", "[{\"a\":1", "[[", "12", "\"\\", "\"\\u", "{}", "[tr", "[1e",
            "\"\u{e9}",
        ] {
            var constraint = TokenConstraint(vocabulary, tokenizer, wantsObject: false)
            var state = JSONState(wantsObject: false)
            for byte in text.utf8 {
                let accepted = constraint.accept(byteToken(byte, tokenizer)) && state.advance(byte)
                #expect(accepted, "\(text)")
            }
            for token in 0..<TokenID(tokenizer.vocabularyCount) {
                var next = state
                let fits =
                    tokenizer.endTokens.contains(token)
                    ? state.isComplete : tokenizer.bytes(of: token).allSatisfy { next.advance($0) }
                #expect(constraint.allowed.allows(token) == fits, "\(text) then \(tokenizer.bytes(of: token))")
                guard !fits else { continue }
                let accepted = constraint.accept(token)
                #expect(!accepted)
            }
        }
    }

    private func byteToken(_ byte: UInt8, _ tokenizer: any Tokenizer) -> TokenID {
        (0..<256).first { tokenizer.bytes(of: $0) == [byte] }!
    }

    @Test("a vocabulary that cannot spell JSON, or cannot stop, is refused")
    func unfit() throws {
        let endless = try SmallVocabulary.bytePairs(merges: [], control: []).tokenizer()
        #expect(throws: ModelError.constraint("the vocabulary has no token that ends an answer")) {
            try JSONVocabulary(endless)
        }
        let mute = try SmallVocabulary.bytePairs(
            merges: [],
            extra: [
                "tokenizer.ggml.tokens": .texts(GGUFStrings(["a", "<|end|>"])),
                "tokenizer.ggml.token_type": .integers([1, 3]),
            ]
        ).tokenizer()
        #expect(throws: ModelError.self) { try JSONVocabulary(mute) }
    }
}
