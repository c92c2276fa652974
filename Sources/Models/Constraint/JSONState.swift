/// Reads JSON (RFC 8259) byte by byte: a pushdown automaton that says of each byte whether a text may go on with it.
///
/// Tighter than the standard so that every text ends and every reader takes it: at most 64 levels, 24 bytes of white space in a
/// row, 60 digits in a number and 2 in its exponent, no `\u` escapes of surrogates, strings in valid UTF-8.
package struct JSONState: Hashable, Sendable {
    private enum Mode: UInt8 {
        case value, arrayStart, objectStart, key, colon, afterValue, done
        case string, escape, hex, hexAfterD
        /// Bytes 10xxxxxx of a character: any; the second byte after E0, ED, F0, F4 has less room.
        case continuation, afterE0, afterED, afterF0, afterF4
        case literal
        case minus, zero, integer, point, fraction, exponent, exponentSign, exponentDigits
    }

    private static let depthLimit: UInt8 = 64
    private static let spaceLimit: UInt8 = 24
    private static let digitLimit: UInt8 = 60
    private static let literals: [[UInt8]] = [Array("true".utf8), Array("false".utf8), Array("null".utf8)]

    private var mode = Mode.value
    /// Bit i says whether level i is an object.
    private var objects: UInt64 = 0
    private var depth: UInt8 = 0
    /// Whether the string that is being read is the key of a member.
    private var isKey = false
    /// White space, digits, or bytes of a literal read so far; bytes of a character or escape still to come.
    private var count: UInt8 = 0
    private var literal: UInt8 = 0
    private let wantsObject: Bool

    /// - Parameter wantsObject: whether the text must be an object; any value otherwise.
    package init(wantsObject: Bool) { self.wantsObject = wantsObject }

    /// Whether the text so far is JSON.
    package var isComplete: Bool {
        switch mode {
        case .done: true
        case .zero, .integer, .fraction, .exponentDigits: depth == 0
        default: false
        }
    }

    /// - Returns: whether `byte` may come next. If not, the state is of no use any more.
    package mutating func advance(_ byte: UInt8) -> Bool {
        switch mode {
        case .value, .arrayStart, .objectStart, .key, .colon, .afterValue: return advanceBetween(byte)
        case .done: return false
        case .string, .escape, .hex, .hexAfterD, .continuation, .afterE0, .afterED, .afterF0, .afterF4:
            return advanceString(byte)
        case .literal:
            let text = Self.literals[Int(literal)]
            guard text[Int(count)] == byte else { return false }
            count += 1
            if Int(count) == text.count { endValue() }
            return true
        case .minus, .zero, .integer, .point, .fraction, .exponent, .exponentSign, .exponentDigits:
            return advanceNumber(byte)
        }
    }

    private mutating func advanceBetween(_ byte: UInt8) -> Bool {
        if byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            count += 1
            return count <= Self.spaceLimit
        }
        switch (mode, byte) {
        case (.arrayStart, UInt8(ascii: "]")), (.objectStart, UInt8(ascii: "}")): close()
        case (.objectStart, UInt8(ascii: "\"")), (.key, UInt8(ascii: "\"")):
            isKey = true
            enter(.string)
        case (.colon, UInt8(ascii: ":")): enter(.value)
        case (.afterValue, UInt8(ascii: ",")): enter(isInObject ? .key : .value)
        case (.afterValue, UInt8(ascii: "}")) where isInObject: close()
        case (.afterValue, UInt8(ascii: "]")) where !isInObject: close()
        case (.value, _), (.arrayStart, _): return begin(byte)
        default: return false
        }
        return true
    }

    private mutating func begin(_ byte: UInt8) -> Bool {
        if wantsObject, depth == 0, byte != UInt8(ascii: "{") { return false }
        switch byte {
        case UInt8(ascii: "{"): return open(isObject: true)
        case UInt8(ascii: "["): return open(isObject: false)
        case UInt8(ascii: "\""):
            isKey = false
            enter(.string)
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
            literal = byte == UInt8(ascii: "t") ? 0 : byte == UInt8(ascii: "f") ? 1 : 2
            enter(.literal)
            count = 1
        case UInt8(ascii: "-"): enter(.minus)
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            enter(byte == UInt8(ascii: "0") ? .zero : .integer)
            count = 1
        default: return false
        }
        return true
    }

    private mutating func advanceString(_ byte: UInt8) -> Bool {
        switch mode {
        case .string:
            switch byte {
            case UInt8(ascii: "\""): if isKey { enter(.colon) } else { endValue() }
            case UInt8(ascii: "\\"): enter(.escape)
            case 0x20...0x7f: break
            case 0xc2...0xdf: enter(.continuation, count: 1)
            case 0xe0: enter(.afterE0, count: 2)
            case 0xed: enter(.afterED, count: 2)
            case 0xe1...0xef: enter(.continuation, count: 2)
            case 0xf0: enter(.afterF0, count: 3)
            case 0xf1...0xf3: enter(.continuation, count: 3)
            case 0xf4: enter(.afterF4, count: 3)
            default: return false
            }
            return true
        case .escape:
            if byte == UInt8(ascii: "u") {
                enter(.hex, count: 4)
                return true
            }
            enter(.string)
            return Array("\"\\/bfnrt".utf8).contains(byte)
        case .hex, .hexAfterD:
            let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            guard byte < 0x80, let digit, mode == .hex || digit < 8 else { return false }
            // D800 to DFFF are surrogates.
            let next: Mode = count == 4 && digit == 13 ? .hexAfterD : .hex
            count -= 1
            if count == 0 { enter(.string) } else { mode = next }
            return true
        default:
            let allowed: ClosedRange<UInt8> =
                switch mode {
                case .afterE0: 0xa0...0xbf
                case .afterED: 0x80...0x9f
                case .afterF0: 0x90...0xbf
                case .afterF4: 0x80...0x8f
                default: 0x80...0xbf
                }
            count -= 1
            mode = count == 0 ? .string : .continuation
            return allowed.contains(byte)
        }
    }

    private mutating func advanceNumber(_ byte: UInt8) -> Bool {
        if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            count += 1
            switch mode {
            case .minus: mode = byte == UInt8(ascii: "0") ? .zero : .integer
            case .zero: return false
            case .integer: break
            case .point, .fraction: mode = .fraction
            default:
                if mode != .exponentDigits { count = 1 }
                mode = .exponentDigits
                return count <= 2
            }
            return count <= Self.digitLimit
        }
        switch (mode, byte) {
        case (.zero, UInt8(ascii: ".")), (.integer, UInt8(ascii: ".")):
            mode = .point
            return count < Self.digitLimit
        case (.zero, 0x65), (.integer, 0x65), (.fraction, 0x65), (.zero, 0x45), (.integer, 0x45), (.fraction, 0x45):
            enter(.exponent)
            return true
        case (.exponent, UInt8(ascii: "+")), (.exponent, UInt8(ascii: "-")):
            mode = .exponentSign
            return true
        case (.zero, _), (.integer, _), (.fraction, _), (.exponentDigits, _):
            // A number has no end of its own: what follows it ends it.
            guard depth > 0 else { return false }
            endValue()
            return advanceBetween(byte)
        default: return false
        }
    }

    private var isInObject: Bool { depth > 0 && objects >> UInt64(depth - 1) & 1 == 1 }

    private mutating func enter(_ mode: Mode, count: UInt8 = 0) {
        self.mode = mode
        self.count = count
    }

    private mutating func open(isObject: Bool) -> Bool {
        guard depth < Self.depthLimit else { return false }
        let bit = UInt64(1) << UInt64(depth)
        objects = isObject ? objects | bit : objects & ~bit
        depth += 1
        enter(isObject ? .objectStart : .arrayStart)
        return true
    }

    private mutating func close() {
        depth -= 1
        objects &= depth == 0 ? 0 : ~0 >> UInt64(64 - depth)
        endValue()
    }

    private mutating func endValue() {
        literal = 0
        isKey = false
        enter(depth == 0 ? .done : .afterValue)
    }
}
