/// A piece of a template.
enum Token: Hashable {
    /// What stands outside of all tags.
    case text(String)
    /// `{{` and `}}`
    case printBegin, printEnd
    /// `{%` and `%}`
    case blockBegin, blockEnd
    case name(String)
    case string(String)
    case integer(Int)
    case float(Double)
    /// Punctuation and operators, as written.
    case sign(String)
    case end
}

extension Token: CustomStringConvertible {
    /// For errors.
    var description: String {
        switch self {
        case .text: "text"
        case .printBegin: "'{{'"
        case .printEnd: "'}}'"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string: "a string"
        case .integer, .float: "a number"
        case .sign(let sign): "'\(sign)'"
        case .end: "the end of the template"
        }
    }
}
