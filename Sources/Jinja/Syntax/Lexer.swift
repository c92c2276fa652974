/// Cuts a template into tokens, with white space handled as chat templates expect it: `trim_blocks` and `lstrip_blocks` of Jinja's
/// environment are on, so a line that holds nothing but a block leaves nothing behind.
struct Lexer {
    typealias Lexeme = (token: Token, line: Int)

    private enum Tag: UInt8 {
        case block = 0x25
        case print = 0x7B
        case comment = 0x23
    }

    let source: [UInt8]
    var place = 0
    var line = 1
    var lexemes: [Lexeme] = []
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

    func failure(_ reason: String) -> JinjaError { .syntax(line: line, reason) }

    func byte(_ offset: Int = 0) -> UInt8 { place + offset < source.count ? source[place + offset] : 0 }

    func isAt(_ text: String) -> Bool { source[place...].starts(with: text.utf8) }

    mutating func add(_ token: Token) { lexemes.append((token, line)) }

    mutating func skip(_ count: Int) {
        line += source[place..<place + count].count { $0 == .lineFeed }
        place += count
    }

    mutating func skip(while goes: (UInt8) -> Bool) { skip(source[place...].prefix(while: goes).count) }

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
}

extension UInt8 {
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let quote = UInt8(ascii: "\"")
    static let apostrophe = UInt8(ascii: "'")
    static let backslash = UInt8(ascii: "\\")
    static let minus = UInt8(ascii: "-")
    static let plus = UInt8(ascii: "+")
    static let dot = UInt8(ascii: ".")
    static let underscore = UInt8(ascii: "_")
    static let parenthesisOpen = UInt8(ascii: "(")
    static let parenthesisClose = UInt8(ascii: ")")
    static let bracketOpen = UInt8(ascii: "[")
    static let bracketClose = UInt8(ascii: "]")
    static let braceOpen = UInt8(ascii: "{")
    static let braceClose = UInt8(ascii: "}")

    var isSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    /// Of a name; every letter beyond ASCII is one.
    var isLetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) || self == .underscore || self >= 0x80
    }
}
