import Foundation
import Keys
import Models
import Tensors
import Testing

@Suite("The installed model's file and tokeniser")
struct InstalledTokenizerTests {
    private let file: GGUFFile
    private let tokenizer: any Tokenizer

    init() throws {
        file = try GGUFFile(path: try InstalledModel.path)
        tokenizer = try file.metadata.tokenizer()
    }

    @Test("every tensor has its published shape and type")
    func tensors() throws {
        let published = try InstalledModel.fixture("tensors.json", as: [String: [Entry]].self)
        #expect(published.values.map(\.count).reduce(0, +) == 272 && file.tensors.count == 272)
        for (type, entries) in published {
            for entry in entries {
                let tensor = try file.tensor(entry.name)
                #expect(tensor.type.name == type && tensor.shape == entry.shape)
            }
        }
    }

    /// `["name", [extents]]`
    private struct Entry: Decodable {
        let name: String
        let shape: [Int]

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            name = try list.decode(String.self)
            shape = try list.decode([Int].self)
        }
    }

    @Test("every published text has its published tokens, and they give the text back")
    func published() throws {
        let vectors = try InstalledModel.fixture("smollm2_greedy.json", as: InstalledModel.Greedy.self)
        #expect(vectors.tokenisation.count == 20 && vectors.generation.count == 5)
        for vector in vectors.tokenisation {
            let special = tokenizer.encode(vector.text, parsesSpecial: true, addsSpecial: true)
            #expect(special == vector.ids_parse_special, "\(vector.text)")
            let plain = tokenizer.encode(vector.text, parsesSpecial: false, addsSpecial: false)
            #expect(plain == vector.ids_no_special, "\(vector.text)")
            for tokens in [special, plain] {
                #expect((String(decoding: tokenizer.decode(tokens), as: UTF8.self) == vector.text) == vector.roundtrip)
            }
        }
        for answer in vectors.generation {
            #expect(tokenizer.encode(answer.prompt, parsesSpecial: true, addsSpecial: true) == answer.prompt_ids)
            #expect(String(decoding: tokenizer.decode(answer.output_ids), as: UTF8.self) == answer.output_text)
        }
    }

    /// Bytes of UTF-8 for which SmolLM2 has no token.
    private static let missing: Set<UInt8> = [0x04, 0x06, 0x13, 0x14, 0x16, 0x1d, 0xf1, 0xf2]

    @Test("any text comes back from its tokens, without the bytes that have none", arguments: 0..<20 as Range<UInt64>)
    func roundTrip(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var text = String.UnicodeScalarView()
        for _ in 0..<2_000 {
            let limit: UInt64 = [0x80, 0x250, 0x3000, 0x11_0000][Int(generator.next(below: 4))]
            if let scalar = Unicode.Scalar(UInt32(generator.next(below: limit))) { text.append(scalar) }
        }
        let tokens = tokenizer.encode(String(text), parsesSpecial: false, addsSpecial: false)
        #expect(tokenizer.decode(tokens) == String(text).utf8.filter { !Self.missing.contains($0) })
    }

    @Test(
        "a million characters are tokenised, whatever they are",
        arguments: ["a", "ab ", " ", "\n", "7", "<|im_start", "é日😀 ", "' 'l", "\u{0}"])
    func million(unit: String) {
        let text = String(repeating: unit, count: 1_000_000 / unit.count)
        let tokens = tokenizer.encode(text, parsesSpecial: true, addsSpecial: false)
        #expect(tokenizer.decode(tokens) == Array(text.utf8))
    }

    @Test("the tokens that end an answer, and what the model wants around a text")
    func specials() {
        #expect(tokenizer.endTokens == [0, 2] && tokenizer.beginToken == 1 && tokenizer.vocabularyCount == 49_152)
        #expect(tokenizer.encode("", parsesSpecial: true, addsSpecial: true) == [])
        #expect(tokenizer.decode([1, .max, 49_152]) == Array("<|im_start|>".utf8))
    }
}
