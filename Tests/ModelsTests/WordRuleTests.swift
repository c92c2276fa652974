import Foundation
import Keys
import Models
import Testing

@Suite("Rules for words")
struct WordRuleTests {
    private static let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    private static func llama3(_ digits: String) -> String {
        #"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"# + digits
            + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }

    private func matches(_ pattern: String, _ text: String) throws -> [String] {
        let expression = try NSRegularExpression(pattern: pattern)
        let whole = text as NSString
        return expression.matches(in: text, range: NSRange(location: 0, length: whole.length)).map {
            whole.substring(with: $0.range)
        }
    }

    /// What the published regular expressions give.
    private func expected(_ name: String, _ text: String) throws -> [String] {
        switch name {
        case "gpt-2": return try matches(Self.gpt2, text)
        case "llama-bpe": return try matches(Self.llama3("{1,3}"), text)
        case "qwen2": return try matches(Self.llama3(""), text)
        default:
            return try matches(#"\p{N}|[^\p{N}]+"#, text).flatMap { try matches(Self.gpt2, $0) }
        }
    }

    @Test(
        "words are those of the published regular expression",
        arguments: ["gpt-2", "smollm", "llama-bpe", "qwen2"], 0..<5 as Range<UInt64>)
    func regularExpressions(name: String, seed: UInt64) throws {
        let rule = try #require(WordRule(name: name))
        var generator = SeededGenerator(seed: seed)
        let units = [
            " ", " ", "  ", "\n", "\r\n", "\t", "\u{a0}", "\u{3000}", "'", "'s", "'LL", "'re", "'v", "a", "Bc", "é",
            "日", "я",
            "1", "23", "4567", "½", "Ⅷ", "٣", "!", "--", "…", "😀", "e\u{301}", "_", "<|", "\u{200b}", "\u{7f}",
        ]
        for _ in 0..<400 {
            let text = (0..<1 + generator.next(below: 12)).map { _ in
                units[Int(generator.next(below: UInt64(units.count)))]
            }
            .joined()
            let bytes = Array(text.utf8)
            let words = rule.words(of: bytes)
            let ours = words.map { String(decoding: bytes[$0], as: UTF8.self) }
            let theirs = try expected(name, text)
            #expect(ours.map { Array($0.utf8) } == theirs.map { Array($0.utf8) }, "\(text.debugDescription)")
            #expect(words.flatMap { Array($0) } == Array(bytes.indices))
        }
    }

    @Test("an unknown rule is no rule")
    func unknown() {
        #expect(WordRule(name: "tekken") == nil)
        for name in WordRule.knownNames { #expect(WordRule(name: name) != nil) }
    }
}
