import Foundation
import Keys
import Models
import Testing

@Suite("Tokenisers")
struct TokenizerTests {
    /// Merges in the plainest way: the best pair of the whole word, again and again.
    private func plainMerges(_ word: [String], _ ranks: [String: Int]) -> [String] {
        var word = word
        while true {
            let pairs = zip(word, word.dropFirst()).enumerated().compactMap { place, pair in
                ranks["\(pair.0) \(pair.1)"].map { (rank: $0, place: place) }
            }
            guard let best = pairs.min(by: { ($0.rank, $0.place) < ($1.rank, $1.place) }) else { return word }
            word.replaceSubrange(best.place...best.place + 1, with: [word[best.place] + word[best.place + 1]])
        }
    }

    @Test("byte pairs merge as in the plain loop", arguments: 0..<10 as Range<UInt64>)
    func mergeOrder(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var pieces = ["a", "b", "c"]
        var merges: [String] = []
        while merges.count < 40 {
            let left = pieces[Int(generator.next(below: UInt64(pieces.count)))]
            let right = pieces[Int(generator.next(below: UInt64(pieces.count)))]
            guard left.count + right.count <= 6, !merges.contains("\(left) \(right)") else { continue }
            merges.append("\(left) \(right)")
            pieces.append(left + right)
        }
        let tokenizer = try SmallVocabulary.bytePairs(merges: merges).tokenizer()
        let ranks = Dictionary(uniqueKeysWithValues: merges.enumerated().map { ($1, $0) })
        for _ in 0..<200 {
            let word = (0..<1 + generator.next(below: 40)).map { _ in ["a", "b", "c"][Int(generator.next(below: 3))] }
            let tokens = tokenizer.encode(word.joined(), parsesSpecial: false, addsSpecial: false)
            let ours = tokens.map { String(decoding: tokenizer.bytes(of: $0), as: UTF8.self) }
            #expect(ours == plainMerges(word, ranks), "\(word.joined())")
        }
    }

    @Test("a whole word that is a token wins over the merges, for the models that say so")
    func wholeWords() throws {
        func tokens(_ pre: String) throws -> [String] {
            let tokenizer = try SmallVocabulary.bytePairs(merges: ["b c", "a b", "ab c"], pre: pre).tokenizer()
            return tokenizer.encode("abc", parsesSpecial: false, addsSpecial: false).map {
                String(decoding: tokenizer.bytes(of: $0), as: UTF8.self)
            }
        }
        #expect(try tokens("qwen2") == ["a", "bc"] && tokens("llama-bpe") == ["abc"])
    }

    @Test("a text cannot spell a token that steers the model")
    func injection() throws {
        let tokenizer = try SmallVocabulary.bytePairs(
            merges: ["a b"], control: ["<|end|>", "<|e"], userDefined: ["<b>"],
            extra: ["tokenizer.ggml.eos_token_id": .integer(257)]
        ).tokenizer()
        func encode(_ text: String, _ parses: Bool) -> [TokenID] {
            tokenizer.encode(text, parsesSpecial: parses, addsSpecial: false)
        }
        #expect(encode("<|end|>", true) == [257] && encode("ab<|ex", true) == [256, 258, 120])
        #expect(encode("ab<|end|>", false).allSatisfy { $0 <= 256 })
        #expect(encode("<b>", false) == [259] && tokenizer.endTokens == [257])
        // Parts are one text, but the halves of a special token in two parts are not one.
        let runs = [TextRun("<|en", parsesSpecial: true), TextRun("d|>", parsesSpecial: true)]
        #expect(!tokenizer.encode(runs, addsBegin: false).contains(257))
        let split = [TextRun("xa", parsesSpecial: true), TextRun("b", parsesSpecial: false)]
        #expect(tokenizer.encode(split, addsBegin: false) == encode("xab", true))
    }

    @Test("SentencePiece merges the best score first, and spells what it does not know in bytes")
    func sentencePieces() throws {
        let pieces: [(String, Double)] = [
            ("▁", -1), ("a", -2), ("b", -3), ("c", -4), ("ab", -5), ("bc", -6), ("▁a", -7), ("abc", -8), ("▁▁", -9),
            ("<s>x", -1),
        ]
        let tokenizer = try SmallVocabulary.sentencePieces(pieces).tokenizer()
        func encode(_ text: String, _ adds: Bool = false) -> [String] {
            tokenizer.encode(text, parsesSpecial: true, addsSpecial: adds).map {
                String(decoding: Array(tokenizer.vocabulary.texts[Int($0)]), as: UTF8.self)
            }
        }
        #expect(encode("abc") == ["▁", "abc"])  // "ab" before "▁a" and "bc".
        #expect(encode("acb", true) == ["<s>", "▁a", "c", "b"])
        #expect(encode("  b") == ["▁▁", "▁", "b"])
        #expect(encode("é") == ["▁", "<0xC3>", "<0xA9>"])
        #expect(encode("<s>abc") == ["<s>", "▁", "abc"])
        #expect(!tokenizer.encode("<s>", parsesSpecial: false, addsSpecial: false).contains(1))
        #expect(!tokenizer.encode("<0x41>", parsesSpecial: false, addsSpecial: false).contains(3 + 0x41))
        for text in ["abc b", "日 é", "  ", "<unk>"] {
            let tokens = tokenizer.encode(text, parsesSpecial: false, addsSpecial: false)
            #expect(tokenizer.decode(tokens) == Array((" " + text).utf8))
        }
        let bare = try SmallVocabulary.sentencePieces(
            pieces,
            extra: ["tokenizer.ggml.add_space_prefix": .flag(false), "tokenizer.ggml.add_eos_token": .flag(true)]
        ).tokenizer()
        #expect(bare.encode("a", parsesSpecial: true, addsSpecial: true) == [1, 260, 2])
    }

    @Test("a million characters in one SentencePiece word")
    func longPieces() throws {
        let tokenizer = try SmallVocabulary.sentencePieces([("▁", -1), ("a", -2), ("aa", -3), ("aaaa", -4)]).tokenizer()
        let text = String(repeating: "a", count: 1_000_000)
        let tokens = tokenizer.encode(text, parsesSpecial: false, addsSpecial: false)
        #expect(tokens.count == 250_001 && tokenizer.decode(tokens).count == 1_000_001)
    }

    @Test("lists that disagree are refused, and the error names what disagrees")
    func malformed() {
        func reason(_ metadata: GGUFMetadata) -> String {
            do throws(ModelError) { _ = try metadata.tokenizer() } catch {
                if case .gguf("t", let reason) = error { return reason }
            }
            return "accepted"
        }
        func pairs(_ key: String, _ value: GGUFValue?) -> String {
            var values = SmallVocabulary.bytePairs(merges: ["a b"]).values
            values["tokenizer.ggml." + key] = value
            return reason(GGUFMetadata(values, path: "t"))
        }
        func pieces(_ key: String, _ value: GGUFValue?) -> String {
            var values = SmallVocabulary.sentencePieces([("a", 0)]).values
            values["tokenizer.ggml." + key] = value
            return reason(GGUFMetadata(values, path: "t"))
        }
        #expect(pairs("pre", .text(Array("gpt-2".utf8))) == "accepted" && pieces("x", nil) == "accepted")
        #expect(pairs("model", .text(Array("bert".utf8))).contains("'bert'; 'gpt2' (byte pairs) and 'llama'"))
        #expect(pairs("model", nil) == "'tokenizer.ggml.model' is missing; it should be a string of UTF-8")
        #expect(pairs("pre", .text(Array("viking".utf8))).contains("'viking'; known rules for words are command-r,"))
        #expect(pairs("tokens", .texts(GGUFStrings())).contains("a vocabulary of 0 tokens"))
        #expect(pairs("tokens", .texts(GGUFStrings(["a", "b", "a"]))) == "tokens 0 and 2 are both 'a'")
        let long = GGUFStrings([String(repeating: "a", count: 5000)])
        #expect(pairs("tokens", .texts(long)).contains("token 0 has 5000 bytes"))
        #expect(pairs("token_type", .integers([1])) == "'tokenizer.ggml.token_type' has 1 elements for 258 tokens")
        #expect(pairs("token_type", .integers([Int](repeating: 9, count: 258))).contains("contains 9"))
        #expect(pairs("eos_token_id", .integer(258)).contains("is 258, the vocabulary has 258 tokens"))
        #expect(pairs("bos_token_id", .integer(-1)).contains("is -1"))
        #expect(pairs("merges", nil).contains("'tokenizer.ggml.merges' is missing"))
        #expect(pairs("merges", .texts(GGUFStrings(["a b", "ab"]))) == "merge 1, 'ab', has no space")
        #expect(
            pairs("merges", .texts(GGUFStrings(["a b", "a q!"]))).contains("merge 1, 'a q!', names or makes a token"))
        #expect(pairs("merges", .texts(GGUFStrings(["b a"]))).contains("names or makes a token"))
        #expect(pairs("merges", .texts(GGUFStrings(["a b", "a b"]))) == "merge 1, 'a b', occurs twice")
        #expect(pairs("merges", .texts(GGUFStrings(["a b c"]))).contains("names or makes a token"))
        #expect(pieces("scores", nil) == "'tokenizer.ggml.scores' is missing; it should be an array of floats")
        #expect(pieces("scores", .reals([1])) == "'tokenizer.ggml.scores' has 1 elements for 260 tokens")
        let bad = [Double](repeating: 0, count: 259) + [.nan]
        #expect(pieces("scores", .reals(bad)) == "the score of token 259 is nan")
        var values = SmallVocabulary.sentencePieces([]).values
        values["tokenizer.ggml.tokens"] = .texts(GGUFStrings(["a"]))
        values["tokenizer.ggml.token_type"] = nil
        values["tokenizer.ggml.scores"] = .reals([0])
        for name in ["unknown", "bos", "eos"] { values["tokenizer.ggml.\(name)_token_id"] = nil }
        #expect(
            reason(GGUFMetadata(values, path: "t")).contains("neither a token '<0x00>' nor one for what is unknown"))
    }
}
