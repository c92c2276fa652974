/// What a template computes. It carries its line, for errors.
struct Expression: Sendable {
    let line: Int
    let kind: Kind

    indirect enum Kind: Sendable {
        case none
        case bool(Bool)
        case integer(Int)
        case float(Double)
        case text(Text)
        case list([Expression])
        case map([(key: Expression, value: Expression)])
        case name(String)
        case attribute(of: Expression, String)
        case item(of: Expression, Expression)
        case slice(of: Expression, start: Expression?, stop: Expression?, step: Expression?)
        case call(Expression, Arguments)
        case filter(Expression, Filter)
        case test(Expression, Filter)
        case not(Expression)
        case minus(Expression)
        case plus(Expression)
        case both(Expression, Expression)
        case either(Expression, Expression)
        case binary(Operator, Expression, Expression)
        /// `1 < x <= 2`: each with the one before it.
        case comparison(Expression, [(Comparison, Expression)])
        case conditional(Expression, condition: Expression, otherwise: Expression?)
    }
}

/// A name after `|` or `is`, with what follows it.
struct Filter: Sendable {
    let name: String
    let arguments: Arguments
}

struct Arguments: Sendable {
    var unnamed: [Expression] = []
    var named: [(name: String, value: Expression)] = []
}

enum Operator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case divideDown = "//"
    case remainder = "%"
    case power = "**"
    case join = "~"
}

enum Comparison: String, Sendable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contained = "in"
    case notContained = "not in"
}
