/// What follows `is`.
extension Evaluator {
    mutating func holds(
        _ test: String, for value: Value, _ given: GivenArguments, line: Int
    ) throws(JinjaError) -> Bool {
        func other() throws(JinjaError) -> Value {
            guard let other = given.unnamed.first else { throw .evaluation(line: line, "'\(test)' needs an argument") }
            return other
        }
        switch test {
        case "defined": return !value.isUndefined
        case "undefined": return value.isUndefined
        case "none": if case .null = value { return true } else { return false }
        case "boolean": if case .bool = value { return true } else { return false }
        case "true": if case .bool(true) = value { return true } else { return false }
        case "false": if case .bool(false) = value { return true } else { return false }
        case "integer": if case .integer = value { return true } else { return false }
        case "float": if case .float = value { return true } else { return false }
        case "number": return value.number != nil
        case "string": if case .text = value { return true } else { return false }
        case "mapping": if case .map = value { return true } else { return false }
        case "iterable", "sequence": return value.items != nil
        case "callable":
            switch value {
            case .function, .macro: return true;
            default: return false
            }
        case "odd", "even":
            guard let number = value.number else {
                throw .evaluation(line: line, "\(value.kind) is neither odd nor even")
            }
            let rest = abs(number.truncatingRemainder(dividingBy: 2))
            return rest == (test == "odd" ? 1 : 0)
        case "divisibleby":
            guard let number = value.exact, let divisor = try other().exact, divisor != 0 else {
                throw .evaluation(line: line, "'divisibleby' compares whole numbers other than 0")
            }
            return divisor == -1 || number % divisor == 0
        case "in": return try contains(try other(), value, line: line)
        case "lower", "upper":
            let text = try text(of: value)
            return text == (test == "lower" ? text.lowercased : text.uppercased)
        case "eq", "equalto", "==", "sameas": return try equal(value, try other())
        case "ne", "!=": return !(try equal(value, try other()))
        case "lt", "lessthan", "<": return try isLess(value, try other(), line: line)
        case "gt", "greaterthan", ">": return try isLess(try other(), value, line: line)
        case "le", "<=": return !(try isLess(try other(), value, line: line))
        case "ge", ">=": return !(try isLess(value, try other(), line: line))
        default: throw .evaluation(line: line, "'\(test)' is no test that is known here")
        }
    }
}

extension Value {
    var isUndefined: Bool { if case .undefined = self { true } else { false } }
    var isMacro: Bool { if case .macro = self { true } else { false } }
}
