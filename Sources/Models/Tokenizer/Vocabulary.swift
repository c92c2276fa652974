/// The tokens of a model and what they are for, as its GGUF file lists them.
package struct Vocabulary: Sendable {
    /// 2^20; the largest vocabularies of today have 2^18 tokens.
    private static let countLimit = 1 << 20
    /// Bytes of one token.
    private static let lengthLimit = 4096
    /// Tokens by whose name others end a turn (llama.cpp, `llama-vocab.cpp`, end-of-generation tokens), beside the one that
    /// the file names.
    private static let endNames = [
        "<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>",
        "<EOT>",
        "< EOT >", "_<EOT>", "<｜end▁of▁sentence｜>", "<end_of_utterance>", "<|return|>", "<|call|>",
    ]

    package let texts: GGUFStrings
    package let kinds: [TokenKind]
    package let beginToken: TokenID?
    package let unknownToken: TokenID?
    /// Tokens after which an answer is over.
    package let endTokens: Set<TokenID>
    /// Put before and after a text when special tokens are to be added.
    package let prefix: TokenID?
    package let suffix: TokenID?
    let index: TokenIndex
    /// Tokens that are found in a text before it is split into words: all of them, and those that any text may contain.
    let specials: TokenTrie
    let userDefined: TokenTrie

    /// - Parameter addsBegin: whether a text begins with the begin token when the file does not say so.
    /// - Throws: ``ModelError/gguf(path:reason:)`` when the lists disagree, or name tokens that do not exist.
    init(_ metadata: GGUFMetadata, addsBegin: Bool) throws(ModelError) {
        let texts = try metadata.texts("tokenizer.ggml.tokens")
        guard !texts.isEmpty, texts.count <= Self.countLimit else {
            throw metadata.failure("a vocabulary of \(texts.count) tokens; 1 to \(Self.countLimit) were expected")
        }
        if let long = texts.firstIndex(where: { $0.count > Self.lengthLimit }) {
            throw metadata.failure(
                "token \(long) has \(texts[long].count) bytes, at most \(Self.lengthLimit) are allowed")
        }
        do throws(TokenIndex.Duplicate) { index = try TokenIndex(texts) } catch {
            let text = String(decoding: texts[error.first], as: UTF8.self)
            throw metadata.failure("tokens \(error.first) and \(error.second) are both '\(text)'")
        }
        let kinds = try Self.kinds(metadata, count: texts.count)
        func token(_ name: String) throws(ModelError) -> TokenID? {
            let key = "tokenizer.ggml.\(name)_token_id"
            guard metadata.contains(key) else { return nil }
            let value = try metadata.integer(key)
            guard texts.indices.contains(value) else {
                throw metadata.failure("'\(key)' is \(value), the vocabulary has \(texts.count) tokens")
            }
            return TokenID(value)
        }
        beginToken = try token("bos")
        unknownToken = try token("unknown")
        var ends: Set<TokenID> = []
        for name in ["eos", "eot", "eom"] { if let token = try token(name) { ends.insert(token) } }
        for name in Self.endNames { if let token = index[name], kinds[Int(token)] != .normal { ends.insert(token) } }
        endTokens = ends
        prefix = try metadata.flag("tokenizer.ggml.add_bos_token", default: addsBegin) ? beginToken : nil
        suffix = try metadata.flag("tokenizer.ggml.add_eos_token", default: false) ? try token("eos") : nil
        self.texts = texts
        self.kinds = kinds
        func trie(_ wanted: Set<TokenKind>) -> TokenTrie {
            TokenTrie(texts.indices.filter { wanted.contains(kinds[$0]) }.map { (Array(texts[$0]), TokenID($0)) })
        }
        specials = trie([.unknown, .control, .userDefined])
        userDefined = trie([.userDefined])
    }

    package var count: Int { texts.count }

    /// The token of these bytes that plain text may become: never one that steers the model, whatever a text spells.
    func plainToken(_ bytes: ArraySlice<UInt8>) -> TokenID? {
        guard let token = index[bytes] else { return nil }
        switch kinds[Int(token)] {
        case .normal, .userDefined, .unused: return token
        case .unknown, .control, .byte: return nil
        }
    }

    private static func kinds(_ metadata: GGUFMetadata, count: Int) throws(ModelError) -> [TokenKind] {
        let key = "tokenizer.ggml.token_type"
        guard metadata.contains(key) else { return [TokenKind](repeating: .normal, count: count) }
        let values = try metadata.integers(key)
        guard values.count == count else {
            throw metadata.failure("'\(key)' has \(values.count) elements for \(count) tokens")
        }
        return try values.map { value throws(ModelError) in
            if value == 0 { return .normal }  // "undefined" in ggml.
            guard let kind = UInt8(exactly: value).flatMap(TokenKind.init) else {
                throw metadata.failure("'\(key)' contains \(value), which is no kind of token")
            }
            return kind
        }
    }
}
