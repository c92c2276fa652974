/// Reads the statements of a template.
struct Parser {
    private let lexemes: [Lexer.Lexeme]
    private var place = 0
    private var depth = 0
    private let limits: Limits

    static func parse(_ template: String, _ limits: Limits) throws(JinjaError) -> [Statement] {
        guard template.utf8.count <= limits.source else { throw .exhausted("\(limits.source) bytes") }
        var parser = Parser(lexemes: try Lexer.tokens(of: template), limits: limits)
        let statements = try parser.statements()
        guard parser.token == .end else { throw parser.failure("'\(parser.keyword ?? "")' ends nothing") }
        return statements
    }

    private init(lexemes: [Lexer.Lexeme], limits: Limits) {
        self.lexemes = lexemes
        self.limits = limits
    }

    // MARK: Tokens

    var token: Token { lexemes[place].token }
    /// The token after it.
    var following: Token { lexemes[min(place + 1, lexemes.count - 1)].token }
    var line: Int { lexemes[place].line }

    func failure(_ reason: String) -> JinjaError { .syntax(line: line, reason) }

    mutating func advance() { if place < lexemes.count - 1 { place += 1 } }

    /// Takes the token, if it is the next.
    mutating func take(_ wanted: Token) -> Bool {
        guard token == wanted else { return false }
        advance()
        return true
    }

    mutating func take(sign: String) -> Bool { take(.sign(sign)) }

    mutating func take(word: String) -> Bool { take(.name(word)) }

    mutating func expect(_ wanted: Token) throws(JinjaError) {
        guard take(wanted) else { throw failure("\(token) stands where \(wanted) is expected") }
    }

    mutating func name() throws(JinjaError) -> String {
        guard case .name(let name) = token else { throw failure("\(token) stands where a name is expected") }
        advance()
        return name
    }

    /// Something that may hold itself: deep ones are refused before they fill the stack.
    mutating func nested<Result>(_ read: (inout Parser) throws(JinjaError) -> Result) throws(JinjaError) -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.depth else { throw .exhausted("\(limits.depth) levels") }
        return try read(&self)
    }

    /// One more of a chain, each link of which holds what is before it.
    func link(_ count: inout Int) throws(JinjaError) {
        count += 1
        guard depth + count <= limits.depth else { throw .exhausted("\(limits.depth) levels") }
    }

    // MARK: Statements

    /// The word that says what the block here is.
    private var keyword: String? {
        guard token == .blockBegin, case .name(let name) = following else { return nil }
        return name
    }

    /// Up to a block that ends or divides the one that these are in, or the end.
    private mutating func statements() throws(JinjaError) -> [Statement] {
        var statements: [Statement] = []
        while true {
            let line = line
            switch token {
            case .text(let text):
                advance()
                statements.append(Statement(line: line, kind: .text(Text(text))))
            case .printBegin:
                advance()
                let expression = try tupleOrExpression()
                try expect(.printEnd)
                statements.append(Statement(line: line, kind: .print(expression)))
            case .blockBegin:
                if let keyword, keyword.hasPrefix("end") || keyword == "else" || keyword == "elif" { return statements }
                let kind = try nested { parser throws(JinjaError) in try parser.block() }
                statements.append(Statement(line: line, kind: kind))
            default:
                guard token == .end else { throw failure("\(token) is not expected here") }
                return statements
            }
        }
    }

    /// The block that ends here with this word.
    private mutating func end(_ word: String) throws(JinjaError) {
        guard keyword == word else {
            throw failure("\(keyword.map { "'\($0)'" } ?? "\(token)") stands where '{% \(word) %}' is expected")
        }
        advance()
        advance()
        try expect(.blockEnd)
    }

    private mutating func body(_ word: String) throws(JinjaError) -> [Statement] {
        try expect(.blockEnd)
        let body = try statements()
        try end(word)
        return body
    }

    private mutating func block() throws(JinjaError) -> Statement.Kind {
        advance()
        let word = try name()
        switch word {
        case "if": return try branches()
        case "for": return .loop(try loop())
        case "set": return try assignment()
        case "macro": return .macro(try macro())
        case "filter":
            let filters = try filters()
            return .filtered(filters, body: try body("endfilter"))
        case "break", "continue":
            try expect(.blockEnd)
            return word == "break" ? .break : .continue
        case "generation":
            // Marks what a model has said; it is text like any other here.
            let body = try body("endgeneration")
            return .branches([(nil, body)])
        default: throw failure("'\(word)' is no statement that is known here")
        }
    }

    private mutating func branches() throws(JinjaError) -> Statement.Kind {
        var branches: [(Expression?, [Statement])] = []
        var condition: Expression? = try tupleOrExpression(allowsCondition: false)
        while true {
            try expect(.blockEnd)
            branches.append((condition, try statements()))
            guard condition != nil, keyword == "elif" || keyword == "else" else { break }
            let isElse = keyword == "else"
            advance()
            advance()
            condition = isElse ? nil : try tupleOrExpression(allowsCondition: false)
        }
        try end("endif")
        return .branches(branches)
    }

    private mutating func loop() throws(JinjaError) -> Statement.Loop {
        var names = [try name()]
        while take(sign: ",") {
            guard case .name(let name) = token, name != "in" else { break }
            names.append(try self.name())
        }
        guard take(word: "in") else { throw failure("\(token) stands where 'in' is expected") }
        let sequence = try tupleOrExpression(allowsCondition: false)
        let condition = take(word: "if") ? try expression() : nil
        guard !take(word: "recursive") else { throw failure("recursive loops are not known here") }
        try expect(.blockEnd)
        let body = try statements()
        var otherwise: [Statement] = []
        if keyword == "else" {
            advance()
            advance()
            try expect(.blockEnd)
            otherwise = try statements()
        }
        try end("endfor")
        return .init(names: names, sequence: sequence, condition: condition, body: body, otherwise: otherwise)
    }

    private mutating func assignment() throws(JinjaError) -> Statement.Kind {
        var targets = [try target()]
        while take(sign: ",") { targets.append(try target()) }
        if take(sign: "=") {
            let value = try tupleOrExpression()
            try expect(.blockEnd)
            return .assign(targets, value)
        }
        guard targets.count == 1 else { throw failure("\(token) stands where '=' is expected") }
        let filters = take(sign: "|") ? try filters() : []
        return .capture(targets[0], filters: filters, body: try body("endset"))
    }

    private mutating func target() throws(JinjaError) -> AssignmentTarget {
        let name = try name()
        return take(sign: ".") ? .attribute(of: name, try self.name()) : .name(name)
    }

    private mutating func filters() throws(JinjaError) -> [Filter] {
        var filters = [try filter()]
        while take(sign: "|") { filters.append(try filter()) }
        return filters
    }

    private mutating func macro() throws(JinjaError) -> MacroSyntax {
        let name = try name()
        var parameters: [(String, Expression?)] = []
        try expect(.sign("("))
        while !take(sign: ")") {
            if !parameters.isEmpty { try expect(.sign(",")) }
            let parameter = try self.name()
            parameters.append((parameter, take(sign: "=") ? try expression() : nil))
        }
        return MacroSyntax(name: name, parameters: parameters, body: try body("endmacro"))
    }
}
