/// Jinja's grammar of expressions, loosest first.
extension Parser {
    /// Where commas make a list: `{{ a, b }}`, `for x in a, b`.
    mutating func tupleOrExpression(allowsCondition: Bool = true) throws(JinjaError) -> Expression {
        let line = line
        let first = try allowsCondition ? expression() : either()
        guard take(sign: ",") else { return first }
        var values = [first]
        while beginsExpression {
            values.append(try allowsCondition ? expression() : either())
            guard take(sign: ",") else { break }
        }
        return Expression(line: line, kind: .list(values))
    }

    private var beginsExpression: Bool {
        switch token {
        case .name, .string, .integer, .float: true
        case .sign(let sign): ["(", "[", "{", "-", "+"].contains(sign)
        default: false
        }
    }

    mutating func expression() throws(JinjaError) -> Expression {
        try nested { parser throws(JinjaError) in try parser.conditional() }
    }

    private mutating func conditional() throws(JinjaError) -> Expression {
        let line = line
        var (value, links) = (try either(), 0)
        while take(word: "if") {
            try link(&links)
            let condition = try either()
            let otherwise = take(word: "else") ? try expression() : nil
            value = Expression(line: line, kind: .conditional(value, condition: condition, otherwise: otherwise))
        }
        return value
    }

    private mutating func either() throws(JinjaError) -> Expression {
        try chain({ (parser) in parser.take(word: "or") ? { .either($0, $1) } : nil }) { parser throws(JinjaError) in
            try parser.both()
        }
    }

    private mutating func both() throws(JinjaError) -> Expression {
        try chain({ (parser) in parser.take(word: "and") ? { .both($0, $1) } : nil }) { parser throws(JinjaError) in
            try parser.negation()
        }
    }

    private mutating func negation() throws(JinjaError) -> Expression {
        let line = line
        guard take(word: "not") else { return try comparison() }
        return Expression(
            line: line, kind: .not(try nested { parser throws(JinjaError) in try parser.negation() }))
    }

    private mutating func comparison() throws(JinjaError) -> Expression {
        let line = line
        let value = try sum()
        var others: [(Comparison, Expression)] = []
        while let comparison = takeComparison() { others.append((comparison, try sum())) }
        return others.isEmpty ? value : Expression(line: line, kind: .comparison(value, others))
    }

    private mutating func takeComparison() -> Comparison? {
        switch token {
        case .sign(let sign):
            guard let comparison = Comparison(rawValue: sign) else { return nil }
            advance()
            return comparison
        case .name("in"):
            advance()
            return .contained
        case .name("not"):
            guard following == .name("in") else { return nil }
            advance()
            advance()
            return .notContained
        default: return nil
        }
    }

    private mutating func sum() throws(JinjaError) -> Expression {
        try chain([.add, .subtract]) { parser throws(JinjaError) in try parser.joined() }
    }

    private mutating func joined() throws(JinjaError) -> Expression {
        try chain([.join]) { parser throws(JinjaError) in try parser.product() }
    }

    private mutating func product() throws(JinjaError) -> Expression {
        try chain([.multiply, .divide, .divideDown, .remainder]) { parser throws(JinjaError) in try parser.power() }
    }

    private mutating func power() throws(JinjaError) -> Expression {
        try chain([.power]) { parser throws(JinjaError) in try parser.signed() }
    }

    private mutating func chain(
        _ operators: [Operator], _ part: (inout Parser) throws(JinjaError) -> Expression
    ) throws(JinjaError) -> Expression {
        try chain({ $0.takeOperator(of: operators) }, part)
    }

    private mutating func takeOperator(of operators: [Operator]) -> Join? {
        guard case .sign(let sign) = token, let found = Operator(rawValue: sign), operators.contains(found) else {
            return nil
        }
        advance()
        return { .binary(found, $0, $1) }
    }

    private typealias Join = (Expression, Expression) -> Expression.Kind

    /// Parts with operators of one strength between them, from left to right.
    private mutating func chain(
        _ takeJoin: (inout Parser) -> Join?, _ part: (inout Parser) throws(JinjaError) -> Expression
    ) throws(JinjaError) -> Expression {
        let line = line
        var (value, links) = (try part(&self), 0)
        while let join = takeJoin(&self) {
            try link(&links)
            value = Expression(line: line, kind: join(value, try part(&self)))
        }
        return value
    }

    /// A sign holds what follows more tightly than a filter does: `-1|abs` is 1.
    private mutating func signed(withFilters: Bool = true) throws(JinjaError) -> Expression {
        let line = line
        let sign: ((Expression) -> Expression.Kind)? =
            if take(sign: "-") { { .minus($0) } } else if take(sign: "+") { { .plus($0) } } else { nil }
        let value: Expression
        if let sign {
            let inner = try nested { parser throws(JinjaError) in try parser.signed(withFilters: false) }
            value = Expression(line: line, kind: sign(inner))
        } else {
            value = try followed(try primary())
        }
        return withFilters ? try filtered(value) : value
    }

    // MARK: Values

    private mutating func primary() throws(JinjaError) -> Expression {
        let line = line
        let kind: Expression.Kind
        switch token {
        case .name(let name):
            advance()
            switch name {
            case "true", "True": kind = .bool(true)
            case "false", "False": kind = .bool(false)
            case "none", "None": kind = .none
            default: kind = .name(name)
            }
        case .string(var text):
            advance()
            while case .string(let more) = token {
                text += more
                advance()
            }
            kind = .text(Text(text))
        case .integer(let value):
            advance()
            kind = .integer(value)
        case .float(let value):
            advance()
            kind = .float(value)
        case .sign("("):
            advance()
            if take(sign: ")") {
                kind = .list([])
            } else {
                let inner = try tupleOrExpression()
                try expect(.sign(")"))
                return inner
            }
        case .sign("["):
            advance()
            kind = .list(try expressions(until: "]"))
        case .sign("{"):
            advance()
            kind = .map(try pairs())
        default: throw failure("\(token) stands where a value is expected")
        }
        return Expression(line: line, kind: kind)
    }

    private mutating func expressions(until closing: String) throws(JinjaError) -> [Expression] {
        var values: [Expression] = []
        try list(until: closing) { parser throws(JinjaError) in values.append(try parser.expression()) }
        return values
    }

    private mutating func pairs() throws(JinjaError) -> [(Expression, Expression)] {
        var pairs: [(Expression, Expression)] = []
        try list(until: "}") { parser throws(JinjaError) in
            let key = try parser.expression()
            try parser.expect(.sign(":"))
            pairs.append((key, try parser.expression()))
        }
        return pairs
    }

    /// With commas between its parts, and perhaps one after the last.
    private mutating func list(
        until closing: String, _ part: (inout Parser) throws(JinjaError) -> Void
    ) throws(JinjaError) {
        var isFirst = true
        while !take(sign: closing) {
            if !isFirst {
                try expect(.sign(","))
                if take(sign: closing) { break }
            }
            isFirst = false
            try part(&self)
        }
    }

    /// Attributes, items and calls.
    private mutating func followed(_ value: Expression) throws(JinjaError) -> Expression {
        var (value, links) = (value, 0)
        while true {
            let line = line
            try link(&links)
            if take(sign: ".") {
                if case .integer(let place) = token {
                    advance()
                    let item = Expression(line: line, kind: .integer(place))
                    value = Expression(line: line, kind: .item(of: value, item))
                } else {
                    value = Expression(line: line, kind: .attribute(of: value, try name()))
                }
            } else if take(sign: "[") {
                value = Expression(line: line, kind: try subscripted(value))
            } else if take(sign: "(") {
                value = Expression(line: line, kind: .call(value, try arguments()))
            } else {
                return value
            }
        }
    }

    private mutating func subscripted(_ value: Expression) throws(JinjaError) -> Expression.Kind {
        var parts: [Expression?] = []
        var part: Expression?
        while !take(sign: "]") {
            if take(sign: ":") {
                parts.append(part)
                part = nil
            } else {
                guard part == nil, parts.count < 3 else { throw failure("\(token) stands where ']' is expected") }
                part = try expression()
            }
        }
        guard parts.count <= 2 else { throw failure("a slice has three parts") }
        if parts.isEmpty {
            guard let part else { throw failure("between '[' and ']' is nothing") }
            return .item(of: value, part)
        }
        parts.append(part)
        return .slice(of: value, start: parts[0], stop: parts[1], step: parts.count > 2 ? parts[2] : nil)
    }

    private mutating func arguments() throws(JinjaError) -> Arguments {
        var arguments = Arguments()
        try list(until: ")") { parser throws(JinjaError) in
            if case .name(let name) = parser.token, parser.following == .sign("=") {
                parser.advance()
                parser.advance()
                arguments.named.append((name, try parser.expression()))
            } else {
                guard arguments.named.isEmpty else {
                    throw parser.failure("an argument without a name follows one with a name")
                }
                arguments.unnamed.append(try parser.expression())
            }
        }
        return arguments
    }

    // MARK: Filters and tests

    /// What follows `|`.
    mutating func filter() throws(JinjaError) -> Filter {
        var name = try name()
        while take(sign: ".") { name += "." + (try self.name()) }
        return Filter(name: name, arguments: take(sign: "(") ? try arguments() : Arguments())
    }

    private mutating func filtered(_ value: Expression) throws(JinjaError) -> Expression {
        var (value, links) = (value, 0)
        while true {
            let line = line
            try link(&links)
            if take(sign: "|") {
                value = Expression(line: line, kind: .filter(value, try filter()))
            } else if take(word: "is") {
                value = try tested(value, line)
            } else if take(sign: "(") {
                value = Expression(line: line, kind: .call(value, try arguments()))
            } else {
                return value
            }
        }
    }

    private mutating func tested(_ value: Expression, _ line: Int) throws(JinjaError) -> Expression {
        let isNegated = take(word: "not")
        let name = try name()
        var arguments = Arguments()
        if take(sign: "(") {
            arguments = try self.arguments()
        } else if token == .name("is") {
            throw failure("a test follows a test; put the first one in parentheses")
        } else if takesArgument {
            arguments.unnamed = [try followed(try primary())]
        }
        let test = Expression(line: line, kind: .test(value, Filter(name: name, arguments: arguments)))
        return isNegated ? Expression(line: line, kind: .not(test)) : test
    }

    /// `x is divisibleby 3`: one argument needs no parentheses.
    private var takesArgument: Bool {
        switch token {
        case .name(let name): !["else", "or", "and"].contains(name)
        case .string, .integer, .float, .sign("["), .sign("{"): true
        default: false
        }
    }
}
