import Models

/// Metadata of small tokenisers.
enum SmallVocabulary {
    /// Printable characters for the bytes, then the tokens that the merges make, then special ones.
    static func bytePairs(
        merges: [String], control: [String] = ["<|end|>"], userDefined: [String] = [], pre: String = "gpt-2",
        extra: [String: GGUFValue] = [:]
    ) -> GGUFMetadata {
        var tokens = alphabet
        for merge in merges {
            let whole = merge.split(separator: " ").joined()
            if !tokens.contains(whole) { tokens.append(whole) }
        }
        let kinds =
            [Int](repeating: 1, count: tokens.count) + [Int](repeating: 3, count: control.count)
            + [Int](repeating: 4, count: userDefined.count)
        var values: [String: GGUFValue] = [
            "tokenizer.ggml.model": .text(Array("gpt2".utf8)), "tokenizer.ggml.pre": .text(Array(pre.utf8)),
            "tokenizer.ggml.tokens": .texts(GGUFStrings(tokens + control + userDefined)),
            "tokenizer.ggml.token_type": .integers(kinds), "tokenizer.ggml.merges": .texts(GGUFStrings(merges)),
        ]
        values.merge(extra) { $1 }
        return GGUFMetadata(values, path: "t")
    }

    /// GPT-2's characters for the bytes 0 to 255.
    static let alphabet: [String] = {
        let printable = Array(33...126) + Array(161...172) + Array(174...255)
        var next: UInt32 = 256
        return (0..<256).map { byte in
            if printable.contains(byte) { return String(Character(Unicode.Scalar(UInt8(byte)))) }
            defer { next += 1 }
            return String(Character(Unicode.Scalar(next)!))
        }
    }()

    /// `<unk>`, `<s>`, `</s>`, the 256 byte tokens, then `pieces` with their scores.
    static func sentencePieces(_ pieces: [(String, Double)], extra: [String: GGUFValue] = [:]) -> GGUFMetadata {
        let bytes = (0..<256).map { "<0x" + (($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true)) + ">" }
        var values: [String: GGUFValue] = [
            "tokenizer.ggml.model": .text(Array("llama".utf8)),
            "tokenizer.ggml.tokens": .texts(GGUFStrings(["<unk>", "<s>", "</s>"] + bytes + pieces.map(\.0))),
            "tokenizer.ggml.token_type": .integers(
                [2, 3, 3] + [Int](repeating: 6, count: 256) + [Int](repeating: 1, count: pieces.count)),
            "tokenizer.ggml.scores": .reals([Double](repeating: 0, count: 259) + pieces.map(\.1)),
            "tokenizer.ggml.bos_token_id": .integer(1), "tokenizer.ggml.eos_token_id": .integer(2),
            "tokenizer.ggml.unknown_token_id": .integer(0),
        ]
        values.merge(extra) { $1 }
        return GGUFMetadata(values, path: "t")
    }
}
