/// A template in the language Jinja, as far as chat templates use it, in the settings that chat templates are written for.
///
/// Rendering is a pure function of what it is given: there is no clock, no file, no network and nothing to import. A template comes
/// from whoever made a model's file, so all that it uses is counted; see ``Limits``.
package struct Template: Sendable {
    private let statements: [Statement]
    private let limits: Limits

    /// - Throws: ``JinjaError/syntax(line:_:)``, or ``JinjaError/exhausted(_:)``.
    package init(_ source: String, limits: Limits = Limits()) throws(JinjaError) {
        statements = try Parser.parse(source, limits)
        self.limits = limits
    }

    /// What the template writes, given the values of names.
    package func render(_ names: [String: Value]) throws(JinjaError) -> Text {
        var evaluator = Evaluator(names, limits)
        _ = try evaluator.run(statements)
        return evaluator.output
    }
}
