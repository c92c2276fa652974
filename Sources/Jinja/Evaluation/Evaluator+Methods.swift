/// What Python's strings and mappings can be told to do: `content.strip()`, `call.items()`.
extension Evaluator {
    static let textMethods: Set<String> = [
        "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "startswith", "endswith", "replace", "upper",
        "lower", "title", "capitalize", "find", "count", "join", "removeprefix", "removesuffix", "isdigit",
    ]
    static let mapMethods: Set<String> = ["items", "keys", "values", "get"]

    mutating func call(
        textMethod name: String, of text: Text, _ given: GivenArguments, line: Int
    ) throws(JinjaError) -> Value {
        try spend(text.count)
        for value in given.unnamed + given.named.map(\.value) { try read(value) }
        func argument(_ index: Int, _ name: String) throws(JinjaError) -> Text? {
            switch given[index, name] {
            case nil, .null?: return nil
            case .text(let text)?: return text
            case let other?: throw .evaluation(line: line, "\(other.kind) stands where a string is expected")
            }
        }
        func needed(_ index: Int, _ parameter: String) throws(JinjaError) -> Text {
            guard let text = try argument(index, parameter) else {
                throw .evaluation(line: line, "'\(name)' needs a string")
            }
            return text
        }
        switch name {
        case "strip": return .text(try stripped(text, try argument(0, "chars")))
        case "lstrip": return .text(try stripped(text, try argument(0, "chars"), right: false))
        case "rstrip": return .text(try stripped(text, try argument(0, "chars"), left: false))
        case "split", "rsplit":
            let limit = given.limit(1, "maxsplit")
            guard name == "split" || limit == .max else {
                throw .evaluation(line: line, "'rsplit' takes no limit here")
            }
            guard let separator = try argument(0, "sep") else {
                try spend(items: text.count / 2)
                return list(text.words(limit: limit))
            }
            guard !separator.isEmpty else { throw .evaluation(line: line, "a separator is empty") }
            return list(try parts(of: text, by: separator, limit: limit))
        case "splitlines":
            var lines = try parts(of: text.replacing("\r\n", with: "\n", limit: .max), by: "\n")
            if lines.last?.isEmpty == true { lines.removeLast() }
            return list(lines)
        case "startswith", "endswith":
            let ends = if case .list(let values)? = given[0, ""] { values } else { given.unnamed }
            return .bool(
                ends.contains { end in
                    guard case .text(let end) = end else { return false }
                    return name == "startswith" ? text.hasPrefix(end) : text.hasSuffix(end)
                })
        case "replace":
            let (old, new) = (try needed(0, "old"), try needed(1, "new"))
            return .text(try replaced(text, old, new, given.limit(2, "count")))
        case "upper": return .text(text.uppercased)
        case "lower": return .text(text.lowercased)
        case "title": return .text(text.titled(\.titlecaseMapping) { $0.properties.isCased })
        case "capitalize": return .text(text.capitalized)
        case "find": return .integer(text.find(try needed(0, "sub")) ?? -1)
        case "count":
            let part = try needed(0, "sub")
            return .integer(part.isEmpty ? text.count + 1 : text.places(of: part, limit: .max).count)
        case "join":
            return .text(try joined(try items(of: given[0, "iterable"] ?? .null, "joined", line: line), by: text))
        case "removeprefix":
            let prefix = try needed(0, "prefix")
            return .text(text.hasPrefix(prefix) ? Text(symbols: text.symbols.dropFirst(prefix.count)) : text)
        case "removesuffix":
            let suffix = try needed(0, "suffix")
            return .text(text.hasSuffix(suffix) ? Text(symbols: text.symbols.dropLast(suffix.count)) : text)
        default: return .bool(!text.isEmpty && text.symbols.allSatisfy { $0.scalar.properties.numericType == .decimal })
        }
    }

    mutating func stripped(
        _ text: Text, _ set: Text?, left: Bool = true, right: Bool = true
    ) throws(JinjaError) -> Text {
        try spend(text.count, times: set?.count ?? 1)
        return text.stripped(set, left: left, right: right)
    }

    mutating func parts(of text: Text, by separator: Text, limit: Int = .max) throws(JinjaError) -> [Text] {
        try spend(text.count)
        try spend(items: text.places(of: separator, limit: limit).count)
        return text.split(by: separator, limit: limit)
    }

    mutating func joined(_ values: [Value], by separator: Text) throws(JinjaError) -> Text {
        var parts: [Text] = []
        for value in values { parts.append(try text(of: value)) }
        try spend(parts.count, times: separator.count)
        return parts.joined(by: separator)
    }

    /// With each of the first `limit` places of `old` written anew.
    mutating func replaced(_ text: Text, _ old: Text, _ new: Text, _ limit: Int) throws(JinjaError) -> Text {
        try spend(text.count + old.count)
        try spend(old.isEmpty ? min(limit, text.count + 1) : text.places(of: old, limit: limit).count, times: new.count)
        return text.replacing(old, with: new, limit: limit)
    }

    mutating func call(
        mapMethod name: String, of value: Value, _ given: GivenArguments, line: Int
    ) throws(JinjaError) -> Value {
        guard case .map(let pairs) = value else { throw .evaluation(line: line, "\(value.kind) has no '\(name)'") }
        try spend(items: 3 * pairs.count)
        switch name {
        case "items": return .list(pairs.lists)
        case "keys": return .list(pairs.map(\.key))
        case "values": return .list(pairs.map(\.value))
        default:
            guard let key = given[0, "key"] else { throw .evaluation(line: line, "'get' needs a key") }
            try read(key)
            try spend(comparing: key, with: pairs)
            return pairs.value(for: key) ?? given[1, "default"] ?? .null
        }
    }

    private func list(_ texts: [Text]) -> Value { .list(texts.map { .text($0) }) }
}
