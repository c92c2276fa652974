/// How a byte-level model cuts text into words before it merges bytes: the regular expressions of their authors, by hand.
/// (`tokenizer.ggml.pre`; expressions as in llama.cpp, `llama-vocab.cpp`.)
package enum WordRule: Sendable {
    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    case gpt2
    /// First every `\p{N}` on its own, then `gpt2` on what lies between.
    case singleDigits
    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,n}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
    case llama3(digits: Int)

    private static let names: [String: WordRule] = [
        "default": .gpt2, "gpt-2": .gpt2, "phi-2": .gpt2,
        "smollm": .singleDigits, "starcoder": .singleDigits, "refact": .singleDigits, "command-r": .singleDigits,
        "llama-bpe": .llama3(digits: 3), "llama3": .llama3(digits: 3), "llama-v3": .llama3(digits: 3),
        "smaug-bpe": .llama3(digits: 3),
        "qwen2": .llama3(digits: 1), "deepseek-r1-qwen": .llama3(digits: 1), "stablelm2": .llama3(digits: 1),
    ]
    package static var knownNames: [String] { names.keys.sorted() }

    package init?(name: String) {
        guard let rule = Self.names[name] else { return nil }
        self = rule
    }

    /// - Parameter bytes: valid UTF-8.
    /// - Returns: the words in order; together they are the text.
    package func words(of bytes: [UInt8]) -> [Range<Int>] {
        let text = ClassifiedText(bytes)
        var words: [Range<Int>] = []
        func scan(_ characters: Range<Int>, _ wordEnd: (Int) -> Int) {
            var start = characters.lowerBound
            while start < characters.upperBound {
                let end = wordEnd(start)
                words.append(Int(text.starts[start])..<Int(text.starts[end]))
                start = end
            }
        }
        switch self {
        case .gpt2: scan(0..<text.count) { text.gpt2Word(from: $0, to: text.count) }
        case .llama3(let digits): scan(0..<text.count) { text.llama3Word(from: $0, to: text.count, digits: digits) }
        case .singleDigits:
            var start = 0
            while start < text.count {
                var end = start
                while end < text.count, text.classes[end] != .number { end += 1 }
                scan(start..<end) { text.gpt2Word(from: $0, to: end) }
                start = text.run(of: .number, from: end, to: text.count)
                scan(end..<start) { $0 + 1 }
            }
        }
        return words
    }
}

extension ClassifiedText {
    fileprivate func gpt2Word(from start: Int, to end: Int) -> Int {
        if let end = contraction(from: start, to: end, ignoresCase: false) { return end }
        let body = afterSpace(start, end)
        if classes[body] != .space { return run(of: classes[body], from: body, to: end) }
        return spaces(from: start, to: end)
    }

    fileprivate func llama3Word(from start: Int, to end: Int, digits: Int) -> Int {
        if let end = contraction(from: start, to: end, ignoresCase: true) { return end }
        if classes[start] == .letter { return run(of: .letter, from: start, to: end) }
        if classes[start] == .number { return min(run(of: .number, from: start, to: end), start + digits) }
        if !isLineEnd(start), start + 1 < end, classes[start + 1] == .letter {
            return run(of: .letter, from: start + 1, to: end)
        }
        let body = afterSpace(start, end)
        if classes[body] == .other {
            var rest = run(of: .other, from: body, to: end)
            while rest < end, isLineEnd(rest) { rest += 1 }
            return rest
        }
        var lineEnd = run(of: .space, from: start, to: end)
        while lineEnd > start, !isLineEnd(lineEnd - 1) { lineEnd -= 1 }
        return lineEnd > start ? lineEnd : spaces(from: start, to: end)
    }

    /// `\s+(?!\S)|\s+`: leaves the last of several spaces to the word that follows.
    private func spaces(from start: Int, to end: Int) -> Int {
        let rest = run(of: .space, from: start, to: end)
        return rest < end && rest - start > 1 ? rest - 1 : rest
    }

    /// The character after `start` when that is a space (U+0020) and not the last.
    private func afterSpace(_ start: Int, _ end: Int) -> Int {
        byte(start) == UInt8(ascii: " ") && start + 1 < end ? start + 1 : start
    }

    private func isLineEnd(_ index: Int) -> Bool { byte(index) == 10 || byte(index) == 13 }

    private func contraction(from start: Int, to end: Int, ignoresCase: Bool) -> Int? {
        guard byte(start) == UInt8(ascii: "'"), start + 1 < end else { return nil }
        func letter(_ index: Int) -> UInt8 { ignoresCase ? byte(index) | 0x20 : byte(index) }
        switch letter(start + 1) {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"):
            return start + 2 < end && letter(start + 2) == UInt8(ascii: "e") ? start + 3 : nil
        case UInt8(ascii: "l"): return start + 2 < end && letter(start + 2) == UInt8(ascii: "l") ? start + 3 : nil
        default: return nil
        }
    }
}
