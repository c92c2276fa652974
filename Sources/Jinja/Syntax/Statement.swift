/// What a template says to do. Each carries its line, for errors.
struct Statement: Sendable {
    let line: Int
    let kind: Kind

    indirect enum Kind: Sendable {
        case text(Text)
        case print(Expression)
        /// The first whose condition holds; the last may have none.
        case branches([(condition: Expression?, body: [Statement])])
        case loop(Loop)
        case assign([AssignmentTarget], Expression)
        /// `{% set name %}…{% endset %}`
        case capture(AssignmentTarget, filters: [Filter], body: [Statement])
        case macro(MacroSyntax)
        /// `{% filter name %}…{% endfilter %}`
        case filtered([Filter], body: [Statement])
        case `break`, `continue`
    }

    struct Loop: Sendable {
        let names: [String]
        let sequence: Expression
        let condition: Expression?
        let body: [Statement]
        let otherwise: [Statement]
    }
}

struct MacroSyntax: Sendable {
    let name: String
    let parameters: [(name: String, standard: Expression?)]
    let body: [Statement]
}

enum AssignmentTarget: Sendable {
    case name(String)
    /// `namespace.attribute`
    case attribute(of: String, String)
}
