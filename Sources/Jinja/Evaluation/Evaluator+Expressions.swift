extension Evaluator {
    mutating func value(of expression: Expression) throws(JinjaError) -> Value {
        try step { evaluator throws(JinjaError) in try evaluator.compute(expression) }
    }

    private mutating func compute(_ expression: Expression) throws(JinjaError) -> Value {
        let line = expression.line
        switch expression.kind {
        case .none: return .null
        case .bool(let value): return .bool(value)
        case .integer(let value): return .integer(value)
        case .float(let value): return .float(value)
        case .text(let text): return .text(text)
        case .list(let expressions):
            let values = try values(of: expressions)
            for value in values { try hold(value, line: line) }
            return .list(values)
        case .map(let pairs):
            var map: [Value.Pair] = []
            for (key, value) in pairs {
                try set(try self.value(of: key), to: try self.value(of: value), in: &map, line: line)
            }
            return .map(map)
        case .name(let name):
            try spend(scopes.count)
            return self[name]
        case .attribute(let owner, let name):
            return try attribute(name, of: try defined(owner, for: "'\(name)'"), line: line)
        case .item(let owner, let key):
            return try item(try value(of: key), of: try defined(owner, for: "item"), line: line)
        case .slice(let owner, let start, let stop, let step):
            return try slice(try defined(owner, for: "part"), start, stop, step, line: line)
        case .call(let function, let arguments):
            return try call(try value(of: function), function, try given(arguments), line: line)
        case .filter(let value, let filter): return try apply(filter, to: try self.value(of: value), line: line)
        case .test(let value, let test):
            let given = try given(test.arguments)
            return .bool(try holds(test.name, for: try self.value(of: value), given, line: line))
        case .not(let value): return .bool(!(try self.value(of: value).isTrue))
        case .minus(let value): return try negated(try self.value(of: value), line: line)
        case .plus(let value): return try self.value(of: value)
        case .both(let one, let other):
            let first = try value(of: one)
            return first.isTrue ? try value(of: other) : first
        case .either(let one, let other):
            let first = try value(of: one)
            return first.isTrue ? first : try value(of: other)
        case .binary(let operation, let one, let other):
            return try combine(operation, try value(of: one), try value(of: other), line: line)
        case .comparison(let first, let others):
            var last = try value(of: first)
            for (comparison, other) in others {
                let next = try value(of: other)
                guard try compare(comparison, last, next, line: line) else { return .bool(false) }
                last = next
            }
            return .bool(true)
        case .conditional(let value, let condition, let otherwise):
            if try self.value(of: condition).isTrue { return try self.value(of: value) }
            return try otherwise.map { expression throws(JinjaError) in try self.value(of: expression) } ?? .undefined
        }
    }

    private mutating func values(of expressions: [Expression]) throws(JinjaError) -> [Value] {
        var values: [Value] = []
        for expression in expressions { values.append(try value(of: expression)) }
        return values
    }

    mutating func given(_ arguments: Arguments) throws(JinjaError) -> GivenArguments {
        var given = GivenArguments(unnamed: try values(of: arguments.unnamed))
        for (name, expression) in arguments.named { given.named.append((name, try value(of: expression))) }
        return given
    }

    /// The value of something that is about to be looked into.
    private mutating func defined(_ expression: Expression, for what: String) throws(JinjaError) -> Value {
        let value = try value(of: expression)
        guard case .undefined = value else { return value }
        throw .evaluation(line: expression.line, "\(expression.summary) is not defined, so it has no \(what)")
    }

    // MARK: Parts

    /// `value.name`: Python's attributes go before items.
    mutating func attribute(_ name: String, of value: Value, line: Int) throws(JinjaError) -> Value {
        let key = Value.text(Text(name))
        switch value {
        case .text where Self.textMethods.contains(name), .map where Self.mapMethods.contains(name):
            return .function(.method(name, of: value))
        case .map(let pairs):
            try spend(comparing: key, with: pairs)
            return pairs.value(for: key) ?? .undefined
        case .namespace(let namespace):
            try spend(comparing: key, with: namespace.pairs)
            return namespace.pairs.value(for: key) ?? .undefined
        case .list where ["append", "extend", "insert", "pop", "remove", "sort", "reverse", "clear"].contains(name):
            throw .evaluation(line: line, "a list cannot be changed, so it has no '\(name)'")
        default: return .undefined
        }
    }

    /// `value[key]`: items go before attributes.
    private mutating func item(_ key: Value, of value: Value, line: Int) throws(JinjaError) -> Value {
        switch (value, key) {
        case (.map(let pairs), _):
            try read(key)
            try spend(comparing: key, with: pairs)
            if let found = pairs.value(for: key) { return found }
        case (.list(let values), _):
            guard let index = key.exact else { break }
            let place = index < 0 ? index + values.count : index
            return values.indices.contains(place) ? values[place] : .undefined
        case (.text(let text), _):
            guard let index = key.exact else { break }
            let place = index < 0 ? index + text.count : index
            return text.symbols.indices.contains(place) ? .text(Text(symbols: [text.symbols[place]])) : .undefined
        default: break
        }
        guard case .text(let name) = key else { return .undefined }
        return try attribute(name.string, of: value, line: line)
    }

    private mutating func slice(
        _ value: Value, _ start: Expression?, _ stop: Expression?, _ step: Expression?, line: Int
    ) throws(JinjaError) -> Value {
        let (from, to) = (try bound(start, line: line), try bound(stop, line: line))
        let step = try bound(step, line: line) ?? 1
        switch value {
        case .list(let values):
            try spend(items: values.count)
            return .list(try Self.places(from, to, step, of: values.count, line: line).map { values[$0] })
        case .text(let text):
            try spend(text.count)
            return .text(
                Text(symbols: try Self.places(from, to, step, of: text.count, line: line).map { text.symbols[$0] }))
        default: throw .evaluation(line: line, "\(value.kind) has no parts")
        }
    }

    private mutating func bound(_ expression: Expression?, line: Int) throws(JinjaError) -> Int? {
        guard let expression else { return nil }
        let value = try value(of: expression)
        if case .null = value { return nil }
        guard let place = value.exact else { throw .evaluation(line: line, "\(value.kind) is no place in a list") }
        return place
    }

    /// The places of a slice, as Python counts them.
    private static func places(
        _ start: Int?, _ stop: Int?, _ step: Int, of count: Int, line: Int
    ) throws(JinjaError) -> [Int] {
        guard step != 0 else { throw .evaluation(line: line, "the step of a slice is 0") }
        let (low, high) = step > 0 ? (0, count) : (-1, count - 1)
        func bound(_ place: Int?, _ standard: Int) -> Int {
            guard let place else { return standard }
            // A place before the beginning by however much is before the beginning.
            return Swift.min(Swift.max(place < 0 ? Swift.max(place, -count - 1) + count : place, low), high)
        }
        let (from, to) = step > 0 ? (bound(start, low), bound(stop, high)) : (bound(start, high), bound(stop, low))
        // A step beyond the whole is as good as one over it.
        return Array(stride(from: from, to: to, by: Swift.min(Swift.max(step, -count - 1), count + 1)))
    }

    // MARK: Calls

    private mutating func call(
        _ function: Value, _ expression: Expression, _ given: GivenArguments, line: Int
    ) throws(JinjaError) -> Value {
        switch function {
        case .macro(let macro): return try call(macro, given, line: line)
        case .function(.method(let name, of: .text(let text))):
            return try call(textMethod: name, of: text, given, line: line)
        case .function(.method(let name, of: let value)): return try call(mapMethod: name, of: value, given, line: line)
        case .function(.raiseException): throw .raised(try text(of: given[0, "message"] ?? .undefined).string)
        case .function(.namespace), .function(.dictionary):
            var pairs: [Value.Pair] = []
            if case .map(let first)? = given.unnamed.first { pairs = first }
            for (name, value) in given.named {
                try set(.text(Text(name)), to: value, in: &pairs, line: line)
            }
            if case .function(.namespace) = function { return .namespace(Namespace(pairs)) }
            return .map(pairs)
        case .function(.range): return try range(given, line: line)
        case .undefined: throw .evaluation(line: line, "\(expression.summary) is not known here")
        default: throw .evaluation(line: line, "\(expression.summary) is \(function.kind), so it cannot be called")
        }
    }

    /// As many as Jinja's sandbox allows.
    private static let rangeLimit = 100_000

    private mutating func range(_ given: GivenArguments, line: Int) throws(JinjaError) -> Value {
        let bounds = given.unnamed.map(\.exact)
        guard (1...3).contains(bounds.count), let first = bounds[0],
            let second = bounds.count > 1 ? bounds[1] : .some(0), let step = bounds.count > 2 ? bounds[2] : .some(1),
            step != 0
        else { throw .evaluation(line: line, "a range has one to three whole numbers, the last one not 0") }
        let (from, to) = bounds.count > 1 ? (first, second) : (0, first)
        let numbers = stride(from: from, to: to, by: step).prefix(Self.rangeLimit + 1).map { Value.integer($0) }
        guard numbers.count <= Self.rangeLimit else {
            throw .evaluation(line: line, "a range has more than \(Self.rangeLimit) numbers")
        }
        try spend(items: numbers.count)
        return .list(numbers)
    }
}

extension Expression {
    /// For errors.
    fileprivate var summary: String {
        switch kind {
        case .name(let name): "'\(name)'"
        case .attribute(let owner, let name): "\(owner.summary.dropLast()).\(name)'"
        case .item(let owner, let key):
            if case .text(let name) = key.kind { "\(owner.summary.dropLast()).\(name.string)'" } else { "an item'" }
        default: "'a value'"
        }
    }
}
