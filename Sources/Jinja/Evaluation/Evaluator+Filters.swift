/// What follows `|`.
extension Evaluator {
    mutating func apply(_ filter: Filter, to value: Value, line: Int) throws(JinjaError) -> Value {
        try apply(filter.name, to: value, try given(filter.arguments), line: line)
    }

    mutating func apply(
        _ filter: String, to value: Value, _ given: GivenArguments, line: Int
    ) throws(JinjaError) -> Value {
        if let result = try apply(listFilter: filter, to: value, given, line: line) { return result }
        switch filter {
        case "default", "d":
            let isEmpty = given[1, "boolean"]?.isTrue ?? false ? !value.isTrue : value.isUndefined
            return isEmpty ? given[0, "default_value"] ?? .text("") : value
        case "tojson":
            let indent = given[0, "indent"]?.exact.map { min(max($0, 0), 8) }
            // An item a line, each as far to the right as it may be deep.
            try spend(try cost(of: value) / 8, times: (indent ?? 0) * budget.depth)
            guard let json = value.json(indent: indent) else {
                throw .evaluation(line: line, "\(value.kind) cannot be written as JSON")
            }
            return .text(json)
        case "length", "count":
            if case .text(let text) = value { return .integer(text.count) }
            guard let items = value.items else { throw .evaluation(line: line, "\(value.kind) has no length") }
            return .integer(items.count)
        case "int":
            if case .float(let number) = value, let whole = Int(exactly: number.rounded(.towardZero)) {
                return .integer(whole)
            }
            if let number = value.exact { return .integer(number) }
            if let whole = value.trimmedText.flatMap({
                Int($0) ?? Double($0).flatMap { Int(exactly: $0.rounded(.towardZero)) }
            }) {
                return .integer(whole)
            }
            return given[0, "default"] ?? .integer(0)
        case "float":
            if let number = value.number { return .float(number) }
            return value.trimmedText.flatMap(Double.init).map(Value.float) ?? given[0, "default"] ?? .float(0)
        case "abs":
            if let number = value.exact, number != .min { return .integer(abs(number)) }
            guard case .float(let number) = value else { throw .evaluation(line: line, "\(value.kind) has no size") }
            return .float(abs(number))
        case "string": return .text(try text(of: value))
        case "safe": return value
        case "indent":
            guard case .text(let text) = value else { throw .evaluation(line: line, "\(value.kind) has no lines") }
            return .text(try indented(text, given))
        default: return .text(try apply(textFilter: filter, to: try text(of: value), given, line: line))
        }
    }

    private mutating func apply(
        textFilter name: String, to text: Text, _ given: GivenArguments, line: Int
    ) throws(JinjaError) -> Text {
        try spend(text.count)
        switch name {
        case "trim":
            guard case .text(let set)? = given[0, "chars"] else { return text.stripped() }
            return try stripped(text, set)
        case "upper": return text.uppercased
        case "lower": return text.lowercased
        case "title": return text.titled(\.uppercaseMapping) { !$0.isSpace && !"-({[<".unicodeScalars.contains($0) }
        case "capitalize": return text.capitalized
        case "replace":
            guard let old = given[0, "old"], let new = given[1, "new"] else {
                throw .evaluation(line: line, "'replace' needs an old and a new string")
            }
            return try replaced(text, try self.text(of: old), try self.text(of: new), given.limit(2, "count"))
        default: throw .evaluation(line: line, "'\(name)' is no filter that is known here")
        }
    }

    /// Every line but the first, and no empty one, unless it is said otherwise.
    private mutating func indented(_ text: Text, _ given: GivenArguments) throws(JinjaError) -> Text {
        let space: Text
        switch given[0, "width"] {
        case .text(let text)?: space = text
        case let width: space = Text(String(repeating: " ", count: min(max(width?.exact ?? 4, 0), 1000)))
        }
        let (first, blank) = (given[1, "first"]?.isTrue ?? false, given[2, "blank"]?.isTrue ?? false)
        let lines = try parts(of: text, by: "\n")
        try spend(lines.count, times: space.count)
        return lines.enumerated().map { index, line in
            (index == 0 ? first : blank || !line.isEmpty) ? space + line : line
        }.joined(by: "\n")
    }
}

extension Value {
    fileprivate var trimmedText: String? {
        guard case .text(let text) = self else { return nil }
        return text.stripped().string
    }
}
