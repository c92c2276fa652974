/// Text to tokens and back.
package protocol Tokenizer: Sendable {
    var vocabulary: Vocabulary { get }

    /// Appends the tokens of text in which no special token is looked for.
    /// - Parameters:
    ///   - text: valid UTF-8.
    ///   - isFirst: whether nothing, or a special token, comes before it.
    func encode(plain text: [UInt8], isFirst: Bool, into tokens: inout [TokenID])

    /// What a token stands for; a token may begin or end inside a UTF-8 character.
    /// - Precondition: `token` is below ``vocabularyCount``.
    func bytes(of token: TokenID) -> [UInt8]
}

/// A part of a text, and whether special tokens written out in it are meant as such.
package struct TextRun: Hashable, Sendable {
    package let text: String
    package let parsesSpecial: Bool

    package init(_ text: String, parsesSpecial: Bool) {
        self.text = text
        self.parsesSpecial = parsesSpecial
    }
}

extension Tokenizer {
    package var vocabularyCount: Int { vocabulary.count }
    package var beginToken: TokenID? { vocabulary.beginToken }
    package var endTokens: Set<TokenID> { vocabulary.endTokens }

    /// - Parameters:
    ///   - parsesSpecial: whether `<|im_end|>` and the like, written out in the text, become the token of that name.
    ///     Never for text from strangers: it could end its own turn.
    ///   - addsSpecial: whether the begin and end tokens that the model wants around a text are added.
    package func encode(_ text: String, parsesSpecial: Bool, addsSpecial: Bool) -> [TokenID] {
        var tokens = encode([TextRun(text, parsesSpecial: parsesSpecial)], addsBegin: addsSpecial)
        if addsSpecial, let suffix = vocabulary.suffix { tokens.append(suffix) }
        return tokens
    }

    /// Encodes parts as one text: words may span parts, special tokens do not.
    package func encode(_ runs: [TextRun], addsBegin: Bool) -> [TokenID] {
        var tokens: [TokenID] = []
        if addsBegin, let prefix = vocabulary.prefix { tokens.append(prefix) }
        var plain: [UInt8] = []
        var isFirst = true
        func flush() {
            guard !plain.isEmpty else { return }
            encode(plain: plain, isFirst: isFirst, into: &tokens)
            plain.removeAll(keepingCapacity: true)
            isFirst = false
        }
        for run in runs {
            let text = Array(run.text.utf8)
            let specials = run.parsesSpecial ? vocabulary.specials : vocabulary.userDefined
            var (start, position) = (0, 0)
            while position < text.count {
                guard let match = specials.longestMatch(in: text, from: position) else {
                    position += 1
                    continue
                }
                plain += text[start..<position]
                flush()
                tokens.append(match.token)
                isFirst = true
                (start, position) = (match.end, match.end)
            }
            plain += text[start...]
        }
        flush()
        return tokens
    }

    /// The bytes of the tokens in a row, special tokens by their names. Unknown numbers are left out.
    package func decode(_ tokens: [TokenID]) -> [UInt8] {
        tokens.flatMap { Int($0) < vocabularyCount ? bytes(of: $0) : [] }
    }
}
