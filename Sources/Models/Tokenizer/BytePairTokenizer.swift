/// Byte-level byte-pair encoding (`tokenizer.ggml.model` = `gpt2`): text is cut into words, and in each word neighbouring tokens
/// are merged in the order of the merge list. The tokens give exactly the text back, apart from bytes that have no token.
package struct BytePairTokenizer: Tokenizer {
    package let vocabulary: Vocabulary
    private let rule: WordRule
    /// Whether a word that is a token as a whole is taken as such, whatever the merges say.
    private let takesWholeWords: Bool
    /// The token of each byte.
    private let byteTokens: [TokenID?]
    private let merges: PairTable

    init(_ metadata: GGUFMetadata) throws(ModelError) {
        let name = try metadata.text("tokenizer.ggml.pre", default: "default")
        guard let rule = WordRule(name: name) else {
            let known = WordRule.knownNames.joined(separator: ", ")
            throw metadata.failure("'tokenizer.ggml.pre' is '\(name)'; known rules for words are \(known)")
        }
        var isLlama3 = false
        if case .llama3(digits: 3) = rule { isLlama3 = true }
        self.rule = rule
        takesWholeWords = isLlama3
        let vocabulary = try Vocabulary(metadata, addsBegin: isLlama3)
        byteTokens = ByteAlphabet.utf8.map { vocabulary.plainToken($0[...]) }
        merges = try Self.merges(metadata, vocabulary)
        self.vocabulary = vocabulary
    }

    private static func merges(_ metadata: GGUFMetadata, _ vocabulary: Vocabulary) throws(ModelError) -> PairTable {
        let lines = try metadata.texts("tokenizer.ggml.merges")
        var table = PairTable(capacity: lines.count)
        for (rank, line) in lines.enumerated() {
            func failure(_ reason: String) -> ModelError {
                metadata.failure("merge \(rank), '\(String(decoding: line, as: UTF8.self))', \(reason)")
            }
            guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { throw failure("has no space") }
            let (left, right) = (line[..<space], line[(space + 1)...])
            guard let first = vocabulary.index[left], let second = vocabulary.index[right],
                let whole = vocabulary.plainToken(left + right)
            else { throw failure("names or makes a token that is not in the vocabulary") }
            guard table.insert(first, second, MergeQueue.Merge(rank: UInt32(rank), token: whole)) else {
                throw failure("occurs twice")
            }
        }
        return table
    }

    /// A byte that has no token is left out: in SmolLM2, six control characters and the first bytes of planes 4 to 11.
    package func encode(plain text: [UInt8], isFirst: Bool, into tokens: inout [TokenID]) {
        for word in rule.words(of: text) {
            if takesWholeWords,
                let token = vocabulary.plainToken(text[word].flatMap { ByteAlphabet.utf8[Int($0)] }[...])
            {
                tokens.append(token)
                continue
            }
            let bytes = text[word].compactMap { byteTokens[Int($0)] }
            guard bytes.count > 1 else {
                tokens += bytes
                continue
            }
            var queue = MergeQueue(symbols: bytes.enumerated().map { ($0, $1) }, end: bytes.count)
            tokens += queue.run { _, left, _, right, _ in merges.merge(left, right) }.map(\.token)
        }
    }

    package func bytes(of token: TokenID) -> [UInt8] {
        let text = vocabulary.texts[Int(token)]
        switch vocabulary.kinds[Int(token)] {
        case .normal, .unused, .byte: return ByteAlphabet.decode(text)
        case .unknown, .control, .userDefined: return Array(text)
        }
    }
}
