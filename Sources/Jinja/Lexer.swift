/// Cuts a template into tokens, with white space handled as chat templates expect it: `trim_blocks` and `lstrip_blocks` of Jinja's
/// environment are on, so a line that holds nothing but a block leaves nothing behind.
struct Lexer {
    typealias Lexeme = (token: Token, line: Int)

    private enum Tag: UInt8, CaseIterable {
        case block = 0x25
        case print = 0x7B
        case comment = 0x23
    }

    private static let signs = ["//", "**", "==", "!=", "<=", ">="] + "+-*/%~<>=.:|,;()[]{}".map(String.init)

    private let source: [UInt8]
    private var place = 0
    private var line = 1
    private var lexemes: [Lexeme] = []
    /// Whether the text that comes begins a line.
    private var beginsLine = true

    /// Every token of the template, the last one ``Token/end``.
    static func tokens(of template: String) throws(JinjaError) -> [Lexeme] {
        var lexer = Lexer(template)
        try lexer.readTemplate()
        return lexer.lexemes
    }

    /// Lines end with a line feed from here on, and the last of them does not.
    private init(_ template: String) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(template.utf8.count)
        var last: UInt8 = 0
        for byte in template.utf8 {
            if byte != .lineFeed || last != .carriageReturn { bytes.append(byte == .carriageReturn ? .lineFeed : byte) }
            last = byte
        }
        if bytes.last == .lineFeed { bytes.removeLast() }
        source = bytes
    }

    private func failure(_ reason: String) -> JinjaError { .syntax(line: line, reason) }

    private func byte(_ offset: Int = 0) -> UInt8 { place + offset < source.count ? source[place + offset] : 0 }

    private func isAt(_ text: String) -> Bool { source[place...].starts(with: text.utf8) }

    private mutating func add(_ token: Token) { lexemes.append((token, line)) }

    private mutating func skip(_ count: Int) {
        line += source[place..<place + count].count { $0 == .lineFeed }
        place += count
    }

    private mutating func skip(while goes: (UInt8) -> Bool) { skip(source[place...].prefix(while: goes).count) }

    // MARK: Text and tags

    private mutating func readTemplate() throws(JinjaError) {
        while place < source.count {
            let start = place
            let tag = nextTag()
            addText(start, before: tag)
            guard let tag else { break }
            skip(byte(2) == .minus || byte(2) == .plus ? 3 : 2)
            switch tag {
            case .comment: try skipComment()
            case .print: try readTag(.printBegin, .printEnd, closing: "}}", trims: false)
            case .block:
                if let end = rawEnd() {
                    try readRaw(from: end)
                } else {
                    try readTag(.blockBegin, .blockEnd, closing: "%}", trims: true)
                }
            }
        }
        add(.end)
    }

    /// Goes to the next tag, if there is one.
    private mutating func nextTag() -> Tag? {
        while place < source.count {
            if byte() == .braceOpen, let tag = Tag(rawValue: byte(1)) { return tag }
            place += 1
        }
        return nil
    }

    /// The text from `start` to here, without what the tag that follows takes away.
    private mutating func addText(_ start: Int, before tag: Tag?) {
        var text = source[start..<place]
        let lines = text.count { $0 == .lineFeed }
        if tag != nil, byte(2) == .minus {
            while let last = text.last, last.isSpace { text.removeLast() }
        } else if let tag, tag != .print, byte(2) != .plus {
            let lineStart = text.lastIndex(of: .lineFeed).map { $0 + 1 }
            if lineStart != nil || beginsLine, text[(lineStart ?? start)...].allSatisfy(\.isSpace) {
                text = text[..<(lineStart ?? start)]
            }
        }
        if !text.isEmpty { add(.text(String(decoding: text, as: UTF8.self))) }
        line += lines
    }

    /// Ends a tag: `closing` was read.
    private mutating func leaveTag(dashed: Bool, trims: Bool) {
        let start = place
        if dashed { skip(while: \.isSpace) } else if trims, byte() == .lineFeed { skip(1) }
        beginsLine = place > start && source[place - 1] == .lineFeed
    }

    private mutating func skipComment() throws(JinjaError) {
        while place < source.count {
            if isAt("#}") {
                let mark = source[place - 1]
                skip(2)
                return leaveTag(dashed: mark == .minus, trims: mark != .plus)
            }
            skip(1)
        }
        throw failure("a comment does not end")
    }

    private mutating func readTag(
        _ begin: Token, _ end: Token, closing: String, trims: Bool
    ) throws(JinjaError) {
        add(begin)
        var open: [UInt8] = []
        while true {
            skip(while: \.isSpace)
            guard place < source.count else { throw failure("a tag does not end; it lacks '\(closing)'") }
            if open.isEmpty {
                let mark = [.minus, .plus].contains(byte()) ? 1 : 0
                if source[(place + mark)...].starts(with: closing.utf8) {
                    let isDashed = byte() == .minus
                    skip(mark)
                    add(end)
                    skip(2)
                    return leaveTag(dashed: isDashed, trims: trims && (mark == 0 || isDashed))
                }
            }
            try readToken(&open)
        }
    }

    // MARK: Raw text

    /// Where the text begins when this is `{% raw %}`.
    private func rawEnd() -> Int? { end(ofTag: "raw", from: place) }

    private func end(ofTag name: String, from start: Int) -> Int? {
        var place = start
        func skipSpace() { while place < source.count, source[place].isSpace { place += 1 } }
        skipSpace()
        guard source[place...].starts(with: name.utf8) else { return nil }
        place += name.utf8.count
        skipSpace()
        if place < source.count, source[place] == .minus { place += 1 }
        return source[place...].starts(with: "%}".utf8) ? place + 2 : nil
    }

    private mutating func readRaw(from start: Int) throws(JinjaError) {
        skip(start - place)
        leaveTag(dashed: source[place - 3] == .minus, trims: false)
        let begin = place
        while place < source.count {
            if isAt("{%") {
                let inner = place + ([.minus, .plus].contains(byte(2)) ? 3 : 2)
                if let end = end(ofTag: "endraw", from: inner) {
                    addText(begin, before: .block)
                    place = end
                    return leaveTag(dashed: source[end - 3] == .minus, trims: true)
                }
            }
            place += 1
        }
        throw failure("'raw' does not end; it lacks '{% endraw %}'")
    }

    // MARK: Inside a tag

    private mutating func readToken(_ open: inout [UInt8]) throws(JinjaError) {
        let first = byte()
        if first == .quote || first == .apostrophe { return try readString() }
        if first.isDigit { return try readNumber() }
        if first.isLetter {
            let start = place
            skip { $0.isLetter || $0.isDigit }
            return lexemes.append((.name(String(decoding: source[start..<place], as: UTF8.self)), line))
        }
        guard let sign = Self.signs.first(where: isAt) else {
            throw failure("'\(String(decoding: [first], as: UTF8.self))' is not expected here")
        }
        switch first {
        case .parenthesisOpen, .bracketOpen, .braceOpen: open.append(first)
        case .parenthesisClose, .bracketClose, .braceClose:
            // Each closes what is one (parenthesis) or two places before it.
            guard let last = open.popLast(), first == last + (last == .parenthesisOpen ? 1 : 2) else {
                throw failure("'\(sign)' closes nothing")
            }
        default: break
        }
        add(.sign(sign))
        skip(sign.utf8.count)
    }

    private mutating func readNumber() throws(JinjaError) {
        let start = place
        skip { $0.isDigit || $0 == .underscore }
        var isWhole = true
        if byte() == .dot, byte(1).isDigit {
            isWhole = false
            skip(1)
            skip { $0.isDigit || $0 == .underscore }
        }
        if byte() | 0x20 == UInt8(ascii: "e") {
            let sign = [.minus, .plus].contains(byte(1)) ? 2 : 1
            if byte(sign).isDigit {
                isWhole = false
                skip(sign)
                skip(while: \.isDigit)
            }
        }
        let digits = String(decoding: source[start..<place].filter { $0 != .underscore }, as: UTF8.self)
        if isWhole, let value = Int(digits) { return add(.integer(value)) }
        guard !isWhole, let value = Double(digits), value.isFinite else { throw failure("\(digits) is too large") }
        add(.float(value))
    }

    private mutating func readString() throws(JinjaError) {
        let quote = byte()
        var bytes: [UInt8] = []
        skip(1)
        while byte() != quote {
            guard place < source.count else { throw failure("a string does not end") }
            if byte() == .backslash {
                try readEscape(into: &bytes)
            } else {
                bytes.append(byte())
                skip(1)
            }
        }
        skip(1)
        add(.string(String(decoding: bytes, as: UTF8.self)))
    }

    private mutating func readEscape(into bytes: inout [UInt8]) throws(JinjaError) {
        let letter = byte(1)
        guard place + 1 < source.count else { throw failure("a string does not end") }
        skip(2)
        let digits: Int
        switch UnicodeScalar(letter) {
        case "\\", "'", "\"": return bytes.append(letter)
        case "n": return bytes.append(.lineFeed)
        case "r": return bytes.append(.carriageReturn)
        case "t": return bytes.append(0x09)
        case "a": return bytes.append(0x07)
        case "b": return bytes.append(0x08)
        case "f": return bytes.append(0x0C)
        case "v": return bytes.append(0x0B)
        case "0": return bytes.append(0)
        case "\n": return
        case "x": digits = 2
        case "u": digits = 4
        case "U": digits = 8
        // As in Python, what is no escape is what it looks like.
        default: return bytes += [.backslash, letter]
        }
        guard place + digits <= source.count,
            let value = UInt32(String(decoding: source[place..<place + digits], as: UTF8.self), radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw failure("'\\\(UnicodeScalar(letter))' is followed by no character's number") }
        skip(digits)
        bytes += Array(String(Character(scalar)).utf8)
    }
}

extension UInt8 {
    fileprivate static let lineFeed = UInt8(ascii: "\n")
    fileprivate static let carriageReturn = UInt8(ascii: "\r")
    fileprivate static let quote = UInt8(ascii: "\"")
    fileprivate static let apostrophe = UInt8(ascii: "'")
    fileprivate static let backslash = UInt8(ascii: "\\")
    fileprivate static let minus = UInt8(ascii: "-")
    fileprivate static let plus = UInt8(ascii: "+")
    fileprivate static let dot = UInt8(ascii: ".")
    fileprivate static let underscore = UInt8(ascii: "_")
    fileprivate static let parenthesisOpen = UInt8(ascii: "(")
    fileprivate static let parenthesisClose = UInt8(ascii: ")")
    fileprivate static let bracketOpen = UInt8(ascii: "[")
    fileprivate static let bracketClose = UInt8(ascii: "]")
    fileprivate static let braceOpen = UInt8(ascii: "{")
    fileprivate static let braceClose = UInt8(ascii: "}")

    fileprivate var isSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    /// Of a name; every letter beyond ASCII is one.
    fileprivate var isLetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) || self == .underscore || self >= 0x80
    }
}
