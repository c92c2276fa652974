/// SentencePiece (`tokenizer.ggml.model` = `llama`): of all neighbours whose union is a token, those with the best score are
/// merged first; a character without a token becomes its bytes.
package struct SentencePieceTokenizer: Tokenizer {
    /// U+2581, which stands for a space.
    private static let mark: [UInt8] = [0xe2, 0x96, 0x81]

    package let vocabulary: Vocabulary
    /// Whether a text begins with a space that is not there.
    private let addsSpace: Bool
    /// The place of each token's score among all scores, the best first; equal scores have equal places.
    private let ranks: [UInt32]
    /// The token of each byte, or of the character it is.
    private let byteTokens: [TokenID]

    init(_ metadata: GGUFMetadata) throws(ModelError) {
        let vocabulary = try Vocabulary(metadata, addsBegin: true)
        addsSpace = try metadata.flag("tokenizer.ggml.add_space_prefix", default: true)
        let scores = try metadata.reals("tokenizer.ggml.scores")
        guard scores.count == vocabulary.count else {
            throw metadata.failure(
                "'tokenizer.ggml.scores' has \(scores.count) elements for \(vocabulary.count) tokens")
        }
        if let bad = scores.firstIndex(where: { !$0.isFinite }) {
            throw metadata.failure("the score of token \(bad) is \(scores[bad])")
        }
        ranks = Self.ranks(scores)
        byteTokens = try (0...255).map { (byte: UInt8) throws(ModelError) in
            let hex = String(byte, radix: 16, uppercase: true)
            let name = "<0x\(byte < 16 ? "0" : "")\(hex)>"
            guard let token = vocabulary.index[name] ?? vocabulary.index[[byte][...]] ?? vocabulary.unknownToken else {
                throw metadata.failure("the vocabulary has neither a token '\(name)' nor one for what is unknown")
            }
            return token
        }
        self.vocabulary = vocabulary
    }

    private static func ranks(_ scores: [Double]) -> [UInt32] {
        var ranks = [UInt32](repeating: 0, count: scores.count)
        var rank: UInt32 = 0
        var last: Double?
        for token in scores.indices.sorted(by: { scores[$0] > scores[$1] }) {
            if let last, scores[token] != last { rank += 1 }
            last = scores[token]
            ranks[token] = rank
        }
        return ranks
    }

    package func encode(plain text: [UInt8], isFirst: Bool, into tokens: inout [TokenID]) {
        var marked: [UInt8] = []
        marked.reserveCapacity(text.count + text.count / 2)
        if isFirst, addsSpace { marked += Self.mark }
        for byte in text { if byte == UInt8(ascii: " ") { marked += Self.mark } else { marked.append(byte) } }
        // A symbol is a character; bytes 10xxxxxx go on with one.
        let starts = marked.indices.filter { marked[$0] & 0xc0 != 0x80 }
        var queue = MergeQueue(symbols: starts.map { ($0, 0) }, end: marked.count)
        let pieces = queue.run { start, _, _, _, end in
            vocabulary.plainToken(marked[start..<end]).map { MergeQueue.Merge(rank: ranks[Int($0)], token: $0) }
        }
        for (range, _) in pieces {
            if let token = vocabulary.plainToken(marked[range]) {
                tokens.append(token)
            } else {
                tokens += marked[range].map { byteTokens[Int($0)] }
            }
        }
    }

    package func bytes(of token: TokenID) -> [UInt8] {
        let text = Array(vocabulary.texts[Int(token)])
        switch vocabulary.kinds[Int(token)] {
        case .unknown, .control, .userDefined: return text
        case .byte:
            // "<0x0A>"
            guard text.count == 6, let digits = String(validating: text[3..<5], as: UTF8.self),
                let byte = UInt8(digits, radix: 16)
            else { return text }
            return [byte]
        case .normal, .unused: return Self.spaced(text)
        }
    }

    private static func spaced(_ text: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let first = rest.first {
            if rest.starts(with: mark) {
                bytes.append(UInt8(ascii: " "))
                rest = rest.dropFirst(3)
            } else {
                bytes.append(first)
                rest = rest.dropFirst()
            }
        }
        return bytes
    }
}
