/// Values as text, in the ways Python writes them.
extension Value {
    /// `str(value)`; a string is itself.
    var text: Text {
        switch self {
        case .undefined: ""
        case .null: "None"
        case .bool(let value): value ? "True" : "False"
        case .integer(let value): Text("\(value)")
        case .float(let value): Text("\(value)")
        case .text(let text): text
        case .list(let values):
            Text("[") + values.map(\.represented).joined(by: ", ") + "]"
        case .map(let pairs):
            Text("{") + pairs.map { $0.key.represented + ": " + $0.value.represented }.joined(by: ", ") + "}"
        case .namespace: "<Namespace>"
        case .function, .macro: "<function>"
        }
    }

    /// `repr(value)`
    private var represented: Text {
        if case .undefined = self { return "Undefined" }
        guard case .text(let text) = self else { return self.text }
        let quote: Unicode.Scalar =
            text.symbols.contains { $0.scalar == "'" } && !text.symbols.contains { $0.scalar == "\"" } ? "\"" : "'"
        let inner = text.mapped { scalar in
            switch scalar {
            case "\\", quote: "\\\(scalar)"
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            default: scalar.value < 0x20 || scalar.value == 0x7F ? "\\x" + scalar.hex(2) : String(scalar)
            }
        }
        return Text(String(quote)) + inner + Text(String(quote))
    }

    /// `json.dumps(value, ensure_ascii=False, indent=indent)`
    /// - Returns: nil when there is something in it that JSON cannot say.
    func json(indent: Int?, level: Int = 0) -> Text? {
        switch self {
        case .undefined, .namespace, .function, .macro: return nil
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .integer, .float: return text
        case .text(let text): return Text("\"") + text.jsonEscaped + "\""
        case .list(let values):
            var parts: [Text] = []
            for value in values {
                guard let part = value.json(indent: indent, level: level + 1) else { return nil }
                parts.append(part)
            }
            return Self.enclosed("[", parts, "]", indent, level)
        case .map(let pairs):
            var parts: [Text] = []
            for pair in pairs {
                guard let key = pair.key.jsonKey, let value = pair.value.json(indent: indent, level: level + 1) else {
                    return nil
                }
                parts.append(key + ": " + value)
            }
            return Self.enclosed("{", parts, "}", indent, level)
        }
    }

    private var jsonKey: Text? {
        switch self {
        case .text: json(indent: nil)
        case .null, .bool, .integer, .float: json(indent: nil).map { Text("\"") + $0 + "\"" }
        default: nil
        }
    }

    private static func enclosed(_ open: Text, _ parts: [Text], _ close: Text, _ indent: Int?, _ level: Int) -> Text {
        guard let indent, !parts.isEmpty else { return open + parts.joined(by: ", ") + close }
        func line(_ level: Int) -> Text { Text("\n" + String(repeating: " ", count: indent * level)) }
        return open + line(level + 1) + parts.joined(by: Text(",") + line(level + 1)) + line(level) + close
    }
}

extension Text {
    static func + (one: Text, other: Text) -> Text { Text(symbols: one.symbols + other.symbols) }

    fileprivate var jsonEscaped: Text {
        mapped { scalar in
            switch scalar {
            case "\\", "\"": "\\\(scalar)"
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            case "\u{8}": "\\b"
            case "\u{C}": "\\f"
            default: scalar.value < 0x20 ? "\\u" + scalar.hex(4) : String(scalar)
            }
        }
    }
}

extension Unicode.Scalar {
    fileprivate func hex(_ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }
}
