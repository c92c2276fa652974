/// Everything is paid for before it is done.
extension Evaluator {
    /// Does one step more, inside of those that are under way.
    mutating func step<Result>(
        _ body: (inout Evaluator) throws(JinjaError) -> Result
    ) throws(JinjaError) -> Result {
        budget.steps -= 1
        guard budget.steps >= 0 else { throw .exhausted("steps") }
        depth += 1
        defer { depth -= 1 }
        guard depth <= budget.depth else { throw .exhausted("\(budget.depth) levels") }
        return try body(&self)
    }

    /// Notes that `count` times `size` characters are about to be read or written.
    mutating func spend(_ count: Int, times size: Int = 1) throws(JinjaError) {
        precondition(count >= 0 && size >= 0, "nothing is given back")
        let (total, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, total <= budget.characters else { throw .exhausted("characters") }
        budget.characters -= total
    }

    mutating func spend(items count: Int) throws(JinjaError) { try spend(count, times: 8) }

    /// Notes that a value is about to be gone through: parts that are in it twice count twice.
    /// - Parameter level: of lists and mappings around it.
    mutating func read(_ value: Value, level: Int = 0) throws(JinjaError) {
        guard level <= budget.depth else { throw .exhausted("\(budget.depth) levels") }
        switch value {
        case .text(let text): try spend(text.count)
        case .list(let values):
            try spend(items: values.count)
            for value in values { try read(value, level: level + 1) }
        case .map(let pairs):
            try spend(items: 2 * pairs.count)
            // Those of two mappings are compared each with each.
            for pair in pairs {
                try spend(pairs.count, times: pair.key.length)
                try read(pair.key, level: level + 1)
                try read(pair.value, level: level + 1)
            }
        default: break
        }
    }

    /// Notes that a value becomes part of another. What could hold itself, or be held ever deeper, is in nothing.
    mutating func hold(_ value: Value, line: Int) throws(JinjaError) {
        switch value {
        case .list, .map: try read(value, level: 1)
        case .namespace, .function, .macro:
            throw .evaluation(line: line, "\(value.kind) can have a name, and be part of nothing")
        default: break
        }
    }

    mutating func set(
        _ key: Value, to value: Value, in pairs: inout [Value.Pair], line: Int
    ) throws(JinjaError) {
        try hold(key, line: line)
        try hold(value, line: line)
        try spend(items: pairs.count)
        try spend(comparing: key, with: pairs)
        pairs.set(key, to: value)
    }

    /// Notes that a key is about to be looked for.
    mutating func spend(comparing key: Value, with pairs: [Value.Pair]) throws(JinjaError) {
        try spend(pairs.count, times: key.length)
    }

    /// Reads a value, and says what that took.
    mutating func cost(of value: Value) throws(JinjaError) -> Int {
        let before = budget.characters
        try read(value)
        return before - budget.characters
    }

    mutating func text(of value: Value) throws(JinjaError) -> Text {
        try read(value)
        return value.text
    }

    mutating func equal(_ one: Value, _ other: Value) throws(JinjaError) -> Bool {
        // It is over when the smaller one is.
        try read(one)
        return one.equals(other)
    }
}

extension Value {
    /// What comparing it costs at most, where it is no list or mapping.
    fileprivate var length: Int { if case .text(let text) = self { text.count + 1 } else { 1 } }
}
