/// Filters of lists and mappings.
extension Evaluator {
    private static let names: Set<String> = [
        "list", "first", "last", "reverse", "join", "map", "select", "reject", "selectattr", "rejectattr", "unique",
        "sort", "sum", "min", "max",
    ]

    /// - Returns: nil when there is no such filter.
    mutating func apply(
        listFilter name: String, to value: Value, _ given: GivenArguments, line: Int
    ) throws(JinjaError) -> Value? {
        if name == "items" || name == "dictsort" { return .list(try pairs(of: value, name, given, line: line)) }
        guard Self.names.contains(name) else { return nil }
        // What is empty has nothing to choose from, whatever it is.
        let isLenient = name == "map" || name.hasPrefix("select") || name.hasPrefix("reject")
        let items = isLenient && !value.isTrue ? [] : try items(of: value, "taken as a list", line: line)
        switch name {
        case "first": return items.first ?? .undefined
        case "last": return items.last ?? .undefined
        case "reverse":
            guard case .text(let text) = value else { return .list(items.reversed()) }
            return .text(Text(symbols: text.symbols.reversed()))
        case "join":
            let separator = try text(of: given[0, "d"] ?? .undefined)
            return .text(try joined(try attributes(given[1, "attribute"], of: items, line: line), by: separator))
        case "map": return .list(try mapped(items, given, line: line))
        case "select", "reject", "selectattr", "rejectattr": return .list(try selected(name, items, given, line: line))
        case "unique": return .list(try unique(items, given, line: line))
        case "sort":
            let keys = try attributes(given[2, "attribute"], of: items, line: line)
            let isReversed = given[0, "reverse"]?.isTrue ?? false
            return .list(try sorted(items, by: keys, isExact: given[1, "case_sensitive"], isReversed, line: line))
        case "sum":
            var sum = given[1, "start"] ?? .integer(0)
            for item in try attributes(given[0, "attribute"], of: items, line: line) {
                sum = try combine(.add, sum, item, line: line)
            }
            return sum
        case "min", "max":
            let sorted = try sorted(items, by: items, isExact: given[0, "case_sensitive"], line: line)
            return (name == "min" ? sorted.first : sorted.last) ?? .undefined
        default: return .list(items)
        }
    }

    private mutating func pairs(
        of value: Value, _ name: String, _ given: GivenArguments, line: Int
    ) throws(JinjaError) -> [Value] {
        if value.isUndefined, name == "items" { return [] }
        guard case .map(let pairs) = value else { throw .evaluation(line: line, "\(value.kind) has no items") }
        try spend(items: 3 * pairs.count)
        let items = pairs.lists
        guard name == "dictsort" else { return items }
        let isByValue = try text(of: given[1, "by"] ?? .undefined) == "value"
        return try sorted(
            items, by: pairs.map { isByValue ? $0.value : $0.key }, isExact: given[0, "case_sensitive"], line: line)
    }

    private mutating func mapped(_ items: [Value], _ given: GivenArguments, line: Int) throws(JinjaError) -> [Value] {
        if let attribute = given["attribute"] {
            return try attributes(attribute, of: items, given["default"], line: line)
        }
        guard case .text(let name)? = given.unnamed.first else {
            throw .evaluation(line: line, "'map' needs a filter or an attribute")
        }
        let rest = GivenArguments(unnamed: Array(given.unnamed.dropFirst()), named: given.named)
        var results: [Value] = []
        for item in items {
            let result = try step { evaluator throws(JinjaError) in
                try evaluator.apply(name.string, to: item, rest, line: line)
            }
            results.append(result)
        }
        return results
    }

    private mutating func selected(
        _ name: String, _ items: [Value], _ given: GivenArguments, line: Int
    ) throws(JinjaError) -> [Value] {
        var rest = given.unnamed[...]
        var attribute: Value?
        if name.hasSuffix("attr") {
            attribute = rest.popFirst()
            guard attribute != nil else {
                throw .evaluation(line: line, "'\(name)' needs the name of an attribute")
            }
        }
        let test = try rest.popFirst().map { test throws(JinjaError) in try text(of: test).string }
        let arguments = GivenArguments(unnamed: Array(rest))
        var kept: [Value] = []
        for (item, value) in zip(items, try attributes(attribute, of: items, line: line)) {
            let holds =
                if let test { try self.holds(test, for: value, arguments, line: line) } else { value.isTrue }
            if holds == name.hasPrefix("select") { kept.append(item) }
        }
        return kept
    }

    private mutating func unique(_ items: [Value], _ given: GivenArguments, line: Int) throws(JinjaError) -> [Value] {
        let isExact = given[0, "case_sensitive"]?.isTrue ?? false
        var (seen, kept): ([Value], [Value]) = ([], [])
        for (key, item) in zip(try attributes(given[1, "attribute"], of: items, line: line), items) {
            let folded = key.folded(isExact)
            try spend(items: seen.count)
            var isNew = true
            for other in seen where isNew { isNew = !(try equal(folded, other)) }
            guard isNew else { continue }
            seen.append(folded)
            kept.append(item)
        }
        return kept
    }

    // MARK: Attributes and order

    /// `a.b` of each, a number being a place; the items themselves without an attribute.
    private mutating func attributes(
        _ attribute: Value?, of items: [Value], _ standard: Value? = nil, line: Int
    ) throws(JinjaError) -> [Value] {
        guard let attribute else { return items }
        let names = try text(of: attribute).split(by: ".", limit: .max)
        var found: [Value] = []
        for item in items {
            if let place = attribute.exact, case .list(let values) = item {
                found.append(values.indices.contains(place) ? values[place] : .undefined)
                continue
            }
            var value = item
            for name in names {
                guard !value.isUndefined else { throw .evaluation(line: line, "nothing has no '\(name.string)'") }
                value = try self.attribute(name.string, of: value, line: line)
                if let standard, value.isUndefined { value = standard }
            }
            found.append(value)
        }
        return found
    }

    private mutating func sorted(
        _ items: [Value], by keys: [Value], isExact: Value?, _ isReversed: Bool = false, line: Int
    ) throws(JinjaError) -> [Value] {
        // Each is compared some twenty times where there are a million.
        try spend(try cost(of: .list(keys)), times: 19)
        let folded = keys.map { $0.folded(isExact?.isTrue ?? false) }
        var failure: JinjaError?
        let order = items.indices.sorted { one, other in
            do throws(JinjaError) {
                if try Self.isLess(folded[one], folded[other], line: line) { return !isReversed }
                if try Self.isLess(folded[other], folded[one], line: line) { return isReversed }
                return one < other
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        return order.map { items[$0] }
    }
}

extension Value {
    fileprivate func folded(_ isExact: Bool) -> Value {
        guard !isExact, case .text(let text) = self else { return self }
        return .text(text.lowercased)
    }
}
