/// Why a template cannot be read, or does not render.
package enum JinjaError: Error, Hashable, Sendable {
    /// The text is no template; lines count from 1.
    case syntax(line: Int, String)
    /// The template asks for something that cannot be had: an unknown filter, a key of nothing, a number too large.
    case evaluation(line: Int, String)
    /// The template itself refuses what it was given: `raise_exception("…")`.
    case raised(String)
    /// It did not end within ``Limits``.
    case exhausted(String)
}

extension JinjaError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .syntax(let line, let reason), .evaluation(let line, let reason): "line \(line): \(reason)"
        case .raised(let reason): reason
        case .exhausted(let what): "it needs more than the \(what) a template may use"
        }
    }
}
