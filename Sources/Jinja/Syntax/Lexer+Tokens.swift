/// What stands inside a tag.
extension Lexer {
    private static let signs = ["//", "**", "==", "!=", "<=", ">="] + "+-*/%~<>=.:|,;()[]{}".map(String.init)

    mutating func readToken(_ open: inout [UInt8]) throws(JinjaError) {
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
