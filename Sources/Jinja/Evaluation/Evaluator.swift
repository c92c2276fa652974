/// Runs the statements of a template, once.
struct Evaluator {
    enum Flow { case onwards, nextTurn, leaveLoop }

    /// Names and their values, the innermost last; the first are the template's own and what it was given.
    var scopes: [[String: Value]]
    private(set) var output = Text("")
    /// What may still be used.
    var budget: Limits
    /// Expressions, blocks and calls that are under way.
    var depth = 0

    init(_ names: [String: Value], _ limits: Limits) {
        scopes = [names]
        budget = limits
    }

    // MARK: Statements

    mutating func run(_ statements: [Statement]) throws(JinjaError) -> Flow {
        for statement in statements {
            let flow = try step { evaluator throws(JinjaError) in try evaluator.run(statement) }
            guard flow == .onwards else { return flow }
        }
        return .onwards
    }

    private mutating func run(_ statement: Statement) throws(JinjaError) -> Flow {
        switch statement.kind {
        case .text(let text): try write(text)
        case .print(let expression): try write(try text(of: try value(of: expression)))
        case .branches(let branches):
            for (condition, body) in branches {
                if let condition, !(try value(of: condition).isTrue) { continue }
                return try run(body)
            }
        case .loop(let loop): try run(loop, line: statement.line)
        case .assign(let targets, let expression):
            try assign(try value(of: expression), to: targets, line: statement.line)
        case .capture(let target, let filters, let body):
            try assign(
                try filtered(filters, try captured(body), line: statement.line), to: [target], line: statement.line)
        case .filtered(let filters, let body):
            try write(try text(of: try filtered(filters, try captured(body), line: statement.line)))
        case .macro(let syntax):
            for scope in scopes.dropFirst() { try spend(items: scope.count) }
            let seen = scopes.dropFirst().map { $0.filter { !$0.value.isMacro } }
            scopes[scopes.count - 1][syntax.name] = .macro(Macro(syntax, seen))
        case .break: return .leaveLoop
        case .continue: return .nextTurn
        }
        return .onwards
    }

    private mutating func write(_ text: Text) throws(JinjaError) {
        try spend(text.count)
        output.symbols += text.symbols
    }

    /// What `body` writes.
    private mutating func captured(_ body: [Statement]) throws(JinjaError) -> Value {
        let outer = output
        output = ""
        scopes.append([:])
        _ = try run(body)
        scopes.removeLast()
        defer { output = outer }
        return .text(output)
    }

    private mutating func filtered(_ filters: [Filter], _ value: Value, line: Int) throws(JinjaError) -> Value {
        var value = value
        for filter in filters { value = try apply(filter, to: value, line: line) }
        return value
    }

    private mutating func assign(
        _ value: Value, to targets: [AssignmentTarget], line: Int
    ) throws(JinjaError) {
        let values = targets.count == 1 ? [value] : try parts(of: value, count: targets.count, line: line)
        for (target, value) in zip(targets, values) {
            switch target {
            case .name(let name): scopes[scopes.count - 1][name] = value
            case .attribute(let name, let attribute):
                guard case .namespace(let namespace) = self[name] else {
                    throw .evaluation(line: line, "'\(name)' is no namespace, so '\(name).\(attribute)' cannot be set")
                }
                try set(.text(Text(attribute)), to: value, in: &namespace.pairs, line: line)
            }
        }
    }

    private func parts(of value: Value, count: Int, line: Int) throws(JinjaError) -> [Value] {
        guard let parts = value.items, parts.count == count else {
            throw .evaluation(line: line, "\(value.kind) cannot be taken apart into \(count)")
        }
        return parts
    }

    // MARK: Loops

    private mutating func run(_ loop: Statement.Loop, line: Int) throws(JinjaError) {
        let sequence = try value(of: loop.sequence)
        var items = try items(of: sequence, "gone through", line: line)
        if let condition = loop.condition {
            var kept: [Value] = []
            for item in items {
                scopes.append(try names(of: loop, for: item, line: line))
                if try value(of: condition).isTrue { kept.append(item) }
                scopes.removeLast()
            }
            items = kept
        }
        if items.isEmpty {
            scopes.append([:])
            _ = try run(loop.otherwise)
            scopes.removeLast()
        }
        for (index, item) in items.enumerated() {
            var names = try names(of: loop, for: item, line: line)
            names["loop"] = Self.loopVariable(items, index)
            scopes.append(names)
            let flow = try step { evaluator throws(JinjaError) in try evaluator.run(loop.body) }
            scopes.removeLast()
            if flow == .leaveLoop { break }
        }
    }

    /// What is in a list, a mapping (its keys) or a string.
    mutating func items(of value: Value, _ use: String, line: Int) throws(JinjaError) -> [Value] {
        if case .text(let text) = value { try spend(items: text.count) }
        guard let items = value.items else { throw .evaluation(line: line, "\(value.kind) cannot be \(use)") }
        try spend(items: items.count)
        return items
    }

    private func names(of loop: Statement.Loop, for item: Value, line: Int) throws(JinjaError) -> [String: Value] {
        guard loop.names.count > 1 else { return [loop.names[0]: item] }
        let parts = try parts(of: item, count: loop.names.count, line: line)
        return Dictionary(zip(loop.names, parts)) { _, last in last }
    }

    private static func loopVariable(_ items: [Value], _ index: Int) -> Value {
        .map([
            .init("index", .integer(index + 1)), .init("index0", .integer(index)),
            .init("revindex", .integer(items.count - index)), .init("revindex0", .integer(items.count - index - 1)),
            .init("first", .bool(index == 0)), .init("last", .bool(index == items.count - 1)),
            .init("length", .integer(items.count)),
            .init("previtem", index > 0 ? items[index - 1] : .undefined),
            .init("nextitem", index + 1 < items.count ? items[index + 1] : .undefined),
        ])
    }

    // MARK: Names and macros

    subscript(name: String) -> Value {
        for scope in scopes.reversed() {
            if let value = scope[name] { return value }
        }
        return switch name {
        case "range": .function(.range)
        case "namespace": .function(.namespace)
        case "dict": .function(.dictionary)
        case "raise_exception": .function(.raiseException)
        default: .undefined
        }
    }

    mutating func call(_ macro: Macro, _ given: GivenArguments, line: Int) throws(JinjaError) -> Value {
        let syntax = macro.syntax
        // Each parameter is looked for among the names, and each name among the parameters.
        try spend(items: 2 * syntax.parameters.count)
        try spend(16 * syntax.parameters.count, times: given.named.count)
        guard given.unnamed.count <= syntax.parameters.count else {
            throw .evaluation(
                line: line, "'\(syntax.name)' takes \(syntax.parameters.count) arguments, not \(given.unnamed.count)")
        }
        if let unknown = given.named.first(where: { pair in !syntax.parameters.contains { $0.name == pair.name } }) {
            throw .evaluation(line: line, "'\(syntax.name)' has no parameter '\(unknown.name)'")
        }
        let outer = scopes
        scopes = [scopes[0]] + macro.scopes + [[:]]
        for (index, parameter) in syntax.parameters.enumerated() {
            let standard = given[index, parameter.name]
            scopes[scopes.count - 1][parameter.name] =
                if let standard { standard } else if let expression = parameter.standard {
                    try value(of: expression)
                } else { .undefined }
        }
        let text = try captured(syntax.body)
        scopes = outer
        return text
    }
}

/// What a function, a filter or a test was called with.
struct GivenArguments {
    var unnamed: [Value] = []
    var named: [(name: String, value: Value)] = []

    /// By place or by name.
    subscript(index: Int, name: String) -> Value? {
        unnamed.indices.contains(index) ? unnamed[index] : self[name]
    }

    /// How often something is done at most; as often as it can be when it is not said, or less than never.
    func limit(_ index: Int, _ name: String) -> Int {
        guard let limit = self[index, name]?.exact, limit >= 0 else { return .max }
        return limit
    }

    subscript(name: String) -> Value? { named.first { $0.name == name }?.value }
}
